import { z } from "zod";
import { formatLogEntry } from "../../src/audit/log.ts";
import { type Gate, type LogEntry, portcullis } from "../../src/index.ts";
import { memory } from "../../src/state.ts";
import { type FaultyIdp, startFaultyIdp } from "../../src/testing/faulty-idp.ts";
import { MARKER, type Person, providerClass, SECRET, startHref } from "../support/gate-fixture.ts";
import { type Answer, ScriptedBrowser } from "../support/scripted-browser.ts";
import { Meter } from "./fuzz.ts";
import { type Allowed, expectHarmless } from "./invariants.ts";

export const APP = "https://app.example";
export const IDP = "https://idp.example";
export const PORTAL = "https://portal.example";
const CLIENT_SECRET = "canary-client-secret-h7Kq2Vx9Tz4Lm6";
/** Kept with each client, and shown to nobody. */
const SERVER_ONLY = "canary-server-only-6d1f";
/** Shown to signed-in people alone. */
const FOR_PEOPLE = "canary-for-people-81c2";

/** A request as it comes over the wire, with headers of any characters. */
export interface Sent {
	readonly method?: string;
	/** Path and query, or a whole URL. */
	readonly target: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string | undefined;
}

/** What came of a request. */
export interface Seen extends Answer {
	/**
	 * `sub` of the person that the app was told of; `undefined` if it was asked for nobody, or not at
	 * all.
	 */
	readonly person: string | undefined;
	/** Whether the app was asked. */
	readonly reached: boolean;
}

/**
 * A gate in front of an app, and its provider, both without a socket: each request is looked at for
 * what must never happen.
 */
export class FuzzedGate {
	readonly idp: FaultyIdp;
	readonly gate: Gate<Person>;
	readonly meter: Meter;
	readonly clock: { ahead: number };
	/** Changes answers of the provider, by path. */
	readonly answers: Map<string, (response: Response) => Promise<Response>>;
	readonly log: LogEntry[] = [];
	/** What must be in no answer and in no line of the log. */
	readonly secrets: string[] = [SECRET, CLIENT_SECRET, SERVER_ONLY];
	#person: string | undefined;
	#reached = false;

	private constructor({
		idp,
		meter,
		clock,
		answers,
	}: Pick<FuzzedGate, "idp" | "meter" | "clock" | "answers">) {
		this.idp = idp;
		this.meter = meter;
		this.clock = clock;
		this.answers = answers;
		const auth = portcullis({
			secret: SECRET,
			origin: APP,
			providers: [providerClass("generic")],
			extraScopes: ["offline_access"],
			platform: {
				env: {
					GENERIC_ISSUER_URI: IDP,
					GENERIC_CLIENT_ID: idp.clientId,
					GENERIC_CLIENT_SECRET: CLIENT_SECRET,
				},
				fetch: async (input, init) => {
					const response = await idp.fetch(input, init);
					return (await answers.get(new URL(String(input)).pathname)?.(response)) ?? response;
				},
				log: (entry) => this.log.push(entry),
				now: () => Date.now() + clock.ahead * 1000,
			},
			session: { loginLimit: 0 },
			store: memory(),
			http: { embed: { ancestors: [PORTAL] } },
		});
		const { State, field, computed, serverOnly, event } = auth;
		class Vault extends State {
			hidden = serverOnly(SERVER_ONLY);
			shown = field("", { auth: false });
			told = computed(() => FOR_PEOPLE, { initial: "" });
			write = event(
				{ input: z.object({ text: z.string(), n: z.number().optional() }) },
				({ input: { text } }) => {
					this.shown.value = text;
					return this.hidden.value.length;
				},
			);
		}
		this.gate = auth.gate({
			states: { vault: Vault },
			pages: { "/open/*": { auth: false } },
			assets: ["/assets/*"],
		}) as unknown as Gate<Person>;
	}

	static async start(): Promise<FuzzedGate> {
		const clients = [{ clientId: "generic-client", clientSecret: CLIENT_SECRET }];
		const redirectUris = [`${APP}/callback`, `${APP}/logout`];
		const idp = await startFaultyIdp({
			listen: false,
			issuer: IDP,
			algorithm: "ES256",
			clients,
			redirectUris,
		});
		const fuzzed = new FuzzedGate({
			idp,
			meter: new Meter(),
			clock: { ahead: 0 },
			answers: new Map(),
		});
		await fuzzed.gate.ready();
		return fuzzed;
	}

	/**
	 * Another gate with the same configuration and provider, which has asked the provider for nothing
	 * yet.
	 */
	fresh(): FuzzedGate {
		return new FuzzedGate(this);
	}

	/**
	 * A browser that reaches the gate and the provider, and nothing else. What the gate answers it is
	 * held to the same.
	 */
	browser(allowed: Allowed = {}): ScriptedBrowser {
		const browser = new ScriptedBrowser();
		browser.servers.set(IDP, (request) => this.idp.fetch(request, { redirect: "manual" }));
		browser.servers.set(APP, async (request) => {
			const sent = { method: request.method, target: request.url, body: await request.text() };
			const seen = await this.ask(
				{ ...sent, headers: Object.fromEntries(request.headers) },
				allowed,
			);
			const headers = new Headers(seen.headers);
			headers.delete("set-cookie");
			for (const line of seen.setCookies) headers.append("set-cookie", line);
			const isEmpty = seen.status === 204 || seen.status === 304;
			return new Response(isEmpty ? null : seen.body, { status: seen.status, headers });
		});
		return browser;
	}

	/** Signs in as `person` of the provider, and returns the page that comes last. */
	async signIn(browser: ScriptedBrowser = this.browser({ signsIn: true })): Promise<Answer> {
		const page = await browser.navigate(`${APP}/private`);
		return browser.click(startHref(page, "generic"));
	}

	/**
	 * Goes as far as the provider's answer, and returns the address that the browser is sent back to.
	 */
	async comeBack(browser: ScriptedBrowser = this.browser()): Promise<URL> {
		const sent = await browser.navigate(`${APP}/login/generic?redirect_to=/private`, {
			follow: false,
		});
		if (sent.status !== 302) throw new Error(`No login was begun: ${sent.status} ${sent.body}`);
		const answered = await browser.navigate(sent.headers.get("location") ?? "", {
			from: APP,
			follow: false,
		});
		return new URL(answered.headers.get("location") ?? "");
	}

	/** Asks, and looks at what comes. */
	async ask(sent: Sent, allowed: Allowed = {}): Promise<Seen> {
		this.log.length = 0;
		this.#person = undefined;
		this.#reached = false;
		const url = sent.target.startsWith(APP) ? sent.target : APP + sent.target;
		const answer = await this.meter.time(() => this.#answer(url, sent));
		const seen: Seen = { ...answer, person: this.#person, reached: this.#reached };
		const lines = this.log.map(
			(entry) => formatLogEntry(entry) + JSON.stringify(entry, withErrors),
		);
		const hidden =
			allowed.signedInBefore || allowed.signsIn ? this.secrets : [...this.secrets, FOR_PEOPLE];
		expectHarmless(seen, { allowed, secrets: hidden, lines, app: APP, idp: IDP });
		return seen;
	}

	async #answer(url: string, { method = "GET", headers = {}, body }: Sent): Promise<Answer> {
		const byName = new Map(
			Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
		);
		const request = () =>
			new Request(url, {
				method,
				headers: sendable(byName),
				...(hasBody(method) && body !== undefined ? { body } : {}),
			});
		const header = (name: string) => byName.get(name) ?? null;
		const result = await this.gate.enter({
			method,
			url,
			header,
			request,
			remoteAddress: "203.0.113.7",
		});
		if (result.kind === "respond") return read(url, result.response);
		this.#reached = true;
		this.#person = result.user?.sub;
		const text = `${MARKER} ${result.user?.sub ?? "nobody"}`;
		return read(url, new Response(text));
	}
}

/** Everything of a small answer; the first part of one that goes on. */
async function read(url: string, response: Response): Promise<Answer> {
	const { status, headers } = response;
	let body = "";
	if (response.body && headers.get("content-type")?.startsWith("application/x-ndjson")) {
		const reader = response.body.getReader();
		const decoder = new TextDecoder();
		for (let i = 0; i < 2; i++) {
			const { done, value } = await reader.read();
			if (done) break;
			body += decoder.decode(value, { stream: true });
			if (url.endsWith("/stream")) break;
		}
		await reader.cancel();
	} else body = await response.text();
	return { url, status, headers, body, setCookies: headers.getSetCookie() };
}

/** What `Request` takes; a host that speaks HTTP takes no more. */
function sendable(headers: ReadonlyMap<string, string>): Headers {
	const result = new Headers();
	for (const [name, value] of headers) {
		try {
			result.set(name, value);
		} catch {
			// No such header comes over the wire.
		}
	}
	return result;
}

function hasBody(method: string): boolean {
	return method !== "GET" && method !== "HEAD";
}

function withErrors(_: string, value: unknown): unknown {
	return value instanceof Error
		? `${value.stack} ${JSON.stringify(value.cause, withErrors)}`
		: value;
}
