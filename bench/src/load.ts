// The load generator, in a process of its own: runs what its parent sends and answers with the
// number of requests served.
import autocannon from "autocannon";

/** One run. */
export interface LoadJob {
	readonly url: string;
	/** Seconds, or a number of requests. */
	readonly duration?: number;
	readonly amount?: number;
	readonly headers: Record<string, string>;
	/** A cookie header for each request in turn, each one sent once. */
	readonly cookies?: readonly string[];
	readonly expectedStatus: number;
}

/** What came of it. */
export interface LoadResult {
	readonly requests: number;
	readonly seconds: number;
	/** Requests with another status, errors and time-outs: a run that has any is worth nothing. */
	readonly unexpected: number;
}

const CONNECTIONS = 50;

process.on("message", async (job: LoadJob) => process.send?.(await run(job)));
process.on("disconnect", () => process.exit(0));

async function run({
	url,
	duration,
	amount,
	headers,
	cookies,
	expectedStatus,
}: LoadJob): Promise<LoadResult> {
	const started = performance.now();
	const result = await autocannon({
		url,
		connections: CONNECTIONS,
		...(amount === undefined ? { duration: duration ?? 1 } : { amount }),
		headers,
		...(cookies ? { requests: [inTurn(headers, cookies)] } : {}),
	});
	const seconds = (performance.now() - started) / 1000;
	const expected = result.statusCodeStats?.[`${expectedStatus}`]?.count ?? 0;
	const requests = result.requests.total;
	return { requests, seconds, unexpected: requests - expected + result.errors + result.timeouts };
}

/** Takes the next cookie header for each request, regardless of the connection. */
function inTurn(headers: Record<string, string>, cookies: readonly string[]): autocannon.Request {
	let next = 0;
	return {
		setupRequest: (request) => ({
			...request,
			headers: { ...headers, cookie: cookies[next++ % cookies.length] ?? "" },
		}),
	};
}
