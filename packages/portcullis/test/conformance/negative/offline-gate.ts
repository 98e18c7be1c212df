import { type Gate, type LogEntry, portcullis } from "../../../src/index.ts";
import { memory } from "../../../src/state.ts";
import { type FaultyIdp, startFaultyIdp } from "../../../src/testing.ts";
import { MARKER, SECRET } from "../../support/gate-fixture.ts";
import { type Answer, ScriptedBrowser } from "../../support/scripted-browser.ts";

export const ISSUER = "https://idp.example";
export const ORIGIN = "https://app.example";

/**
 * A gate, its provider and browsers for them, in this process and without a socket: a case takes
 * some milliseconds.
 */
export interface OfflineGate {
	readonly idp: FaultyIdp;
	readonly gate: Gate;
	readonly log: LogEntry[];
	/** What the provider answers for a path, in place of what it would. */
	readonly answers: Map<string, () => Response>;
	/** Lets time pass for both. Seconds. */
	later(seconds: number): void;
	handle(request: Request): Promise<Response>;
	browser(): ScriptedBrowser;
	/** Signs in on the way to `/private`; returns the page that comes last. */
	signIn(browser: ScriptedBrowser): Promise<Answer>;
}

/** A provider that many gates can share. */
export function startOfflineIdp(): Promise<FaultyIdp> {
	return startFaultyIdp({
		listen: false,
		issuer: ISSUER,
		algorithm: "ES256",
		redirectUris: [`${ORIGIN}/callback`],
	});
}

/** @param idp Default: one of its own. */
export async function openOffline(idp?: FaultyIdp): Promise<OfflineGate> {
	const provider = idp ?? (await startOfflineIdp());
	const log: LogEntry[] = [];
	const answers = new Map<string, () => Response>();
	let ahead = 0;
	const ask: typeof fetch = async (input, init) => {
		const answer = answers.get(
			new URL(input instanceof Request ? input.url : String(input)).pathname,
		);
		return answer ? answer() : provider.fetch(input, init);
	};
	const gate = portcullis({
		secret: SECRET,
		origin: ORIGIN,
		platform: {
			env: provider.env,
			fetch: ask,
			log: (entry) => log.push(entry),
			now: () => Date.now() + ahead * 1000,
		},
		store: memory(),
	}).gate();
	const handle = async (request: Request) => gate.handle(request, () => new Response(MARKER));
	return {
		idp: provider,
		gate,
		log,
		answers,
		later(seconds) {
			ahead += seconds;
			provider.set({ clockSkew: ahead });
		},
		handle,
		browser() {
			const browser = new ScriptedBrowser();
			browser.servers.set(ORIGIN, handle);
			browser.servers.set(ISSUER, (request) => provider.fetch(request, { redirect: "manual" }));
			return browser;
		},
		signIn: (browser) => browser.navigate(`${ORIGIN}/login/generic?redirect_to=/private`),
	};
}
