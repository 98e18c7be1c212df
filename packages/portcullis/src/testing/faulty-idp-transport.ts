import type { TransportFault } from "./faulty-idp-faults.ts";
import { redirect } from "./faulty-idp-respond.ts";

/** An answer, or what happens in its place: no answer, or a connection that is cut. */
export type Outcome = Response | "hang" | "reset";

/**
 * Answers with a fault of the transport.
 *
 * @param correct Makes the answer that would have been given; run only by the faults that bend it.
 */
export async function faultyAnswer(
	fault: TransportFault,
	url: URL,
	correct: () => Promise<Outcome>,
): Promise<Outcome> {
	if (typeof fault === "number") return failed(fault);
	switch (fault) {
		case "hang":
		case "reset":
			return fault;
		case "drip":
			return stream(async () => {
				await new Promise((resolve) => setTimeout(resolve, 100));
				return " ";
			});
		case "endless":
			return stream(async () => {
				// Without a turn of the event loop between pieces a time-out in this process would never
				// come.
				await new Promise((resolve) => setImmediate(resolve));
				return blanks;
			});
		case "huge":
			return bent(await correct(), padded);
		case "not-json":
			return new Response("<!doctype html><title>Maintenance</title><p>Back soon.", {
				headers: { "content-type": "text/html" },
			});
		case "not-an-object":
			return Response.json([1, 2, 3]);
		case "wrong-content-type":
			return bent(await correct(), asHtml);
		case "redirect":
			return redirect(`https://another-origin.invalid${url.pathname}`, 302);
		case "redirect-internal":
			return redirect("http://169.254.169.254/latest/meta-data/", 302);
		case "redirect-loop":
			return redirect(url.href, 302);
	}
}

/** Where the endpoint itself gives no answer, there is nothing to bend. */
function bent(
	outcome: Outcome,
	bend: (response: Response) => Response | Promise<Response>,
): Outcome | Promise<Outcome> {
	return outcome instanceof Response ? bend(outcome) : outcome;
}

const blanks = " ".repeat(64 * 1024);

/** Pieces of 64 KiB that make 8 MiB. */
const paddingPieces = 128;

function failed(status: number): Response {
	const headers = new Headers({ "content-type": "text/plain" });
	if (status === 429 || status === 503) headers.set("retry-after", "30");
	return new Response(`Status ${status}\n`, { status, headers });
}

function stream(
	next: () => Promise<string | undefined>,
	headers: HeadersInit = { "content-type": "application/json" },
): Response {
	const encoder = new TextEncoder();
	const body = new ReadableStream<Uint8Array>({
		async pull(controller) {
			const piece = await next();
			// The reader may have gone while we waited.
			if (piece === undefined) controller.close();
			else controller.enqueue(encoder.encode(piece));
		},
	});
	return new Response(body, { headers });
}

async function padded(response: Response): Promise<Response> {
	const pieces = [
		await response.text(),
		...Array.from({ length: paddingPieces }, () => blanks),
	].values();
	return stream(async () => pieces.next().value);
}

async function asHtml(response: Response): Promise<Response> {
	const headers = new Headers(response.headers);
	headers.set("content-type", "text/html");
	return new Response(await response.text(), { status: response.status, headers });
}
