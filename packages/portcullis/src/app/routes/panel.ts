import type { Audit } from "../../audit/audit.ts";
import { equalConstantTime } from "../../base/constant-time.ts";
import { classifyAddress, classifyHost } from "../../base/ip.ts";
import type { GateRequest } from "../../guard/gate-request.ts";
import { requestOrigin } from "../../guard/navigation.ts";
import { parseCookies, type SetCookie } from "../../session/cookies.ts";
import { sessionHeaders } from "../../session/write-headers.ts";
import { createNonce } from "../answers/render.ts";
import type { Exchange } from "../exchange.ts";
import type { Panel } from "../panel/panel.ts";
import { type AuditRecord, PANEL_COOKIE, type PanelParts } from "../panel/parts.ts";

/** Records that are kept. */
const MAX_RECORDS = 50;
/**
 * Links that are printed. A caller chooses the port in its `Host`, and could fill the console with
 * them.
 */
const MAX_LINKS = 5;
/**
 * A browser keeps its cookie for a week; the process that knows it rarely lasts as long. Seconds.
 */
const COOKIE_AGE = 604_800;
/** Headers by which a proxy says that it forwards the request of another caller. */
const FORWARDING = [
	"forwarded",
	"via",
	"x-forwarded-for",
	"x-forwarded-host",
	"x-forwarded-proto",
	"x-forwarded-port",
	"x-forwarded-server",
	"x-real-ip",
	"x-original-host",
];

/**
 * What opens the panel of this process: the token of the link on its console, and the cookie that
 * is given for it.
 */
interface Keys {
	readonly token: string;
	readonly cookie: string;
}

/**
 * The developer panel's route: there only with `NODE_ENV=development`, and only for the person at
 * this machine, who sees the console of this process. Headers and addresses alone do not tell: a
 * program can send the headers of a browser, and a relay on this machine that says nothing of
 * itself lends it the address. The panel itself is loaded when it is first asked for.
 */
export class PanelRoute {
	readonly #parts: PanelParts;
	readonly #records: AuditRecord[] = [];
	/** Origins for which a link was printed. */
	readonly #printed = new Set<string>();
	#keys: Keys | undefined;
	#panel: Promise<Panel> | undefined;

	constructor(parts: PanelParts) {
		this.#parts = parts;
	}

	/** An audit hook that remembers the last records and then calls the app's. */
	recording(own: Audit | undefined): Audit {
		return (action, outcome, context) => {
			this.#records.push({ action, outcome, context });
			if (this.#records.length > MAX_RECORDS) this.#records.shift();
			return own?.(action, outcome, context);
		};
	}

	/** The panel, or `undefined` for a caller for whom there is none. */
	async answer(exchange: Exchange): Promise<Response | undefined> {
		const { gate, call } = exchange;
		if (!isPersonAtThisMachine(call)) return undefined; // proven: panel-for-all
		// With the first request: some runtimes have no random numbers while a module is loaded.
		this.#keys ??= { token: createSecret(), cookie: createSecret() };
		const { token, cookie } = this.#keys;
		const { origin, searchParams } = new URL(call.url);
		// proven: panel-any-token
		if (isKey(searchParams.get("token"), token)) return exchanged(gate.paths.endpoints, cookie);
		this.#panel ??= import("../panel/panel.ts").then(({ Panel }) => new Panel(this.#parts));
		const panel = await this.#panel;
		// proven: panel-without-link
		if (isKey(parseCookies(call.header("cookie")).get(PANEL_COOKIE), cookie))
			return panel.answer(exchange, this.#records);
		this.#print(origin, `${gate.paths.endpoints}?token=${token}`);
		return panel.askForLink();
	}

	/** With the console itself, never the app's log, which may be sent to other machines. */
	#print(origin: string, target: string): void {
		if (this.#printed.has(origin) || this.#printed.size >= MAX_LINKS) return; // proven: panel-links
		this.#printed.add(origin);
		console.info(`portcullis panel: ${origin}${target}`);
	}
}

/** Unguessable: 244 random bits. */
function createSecret(): string {
	return createNonce() + createNonce();
}

function isKey(given: string | null | undefined, key: string): boolean {
	return given != null && equalConstantTime(given, key);
}

/**
 * The token gets its cookie, and is gone from the address. It stays good: the link on the console
 * is all that a developer has.
 */
function exchanged(location: string, cookie: string): Response {
	const set: SetCookie = {
		name: PANEL_COOKIE,
		value: cookie,
		sameSite: "Strict",
		maxAge: COOKIE_AGE,
	};
	const headers = sessionHeaders({ Location: location, "Referrer-Policy": "no-referrer" }, [set]);
	return new Response(null, { status: 303, headers });
}

/**
 * True for a page that a person opens in a browser on this machine: peer and host are loopback, and
 * no proxy has forwarded the request. Browsers send Fetch Metadata to localhost over plain http,
 * but not to another machine: one that came here through a proxy which says nothing of itself has
 * none. A DNS name that points to 127.0.0.1 is not loopback by its text.
 */
export function isPersonAtThisMachine(call: GateRequest): boolean {
	if (call.method !== "GET" && call.method !== "HEAD") return false;
	// `::ffff:127.0.0.1` too, by which a socket for both families calls it.
	if (classifyAddress(call.remoteAddress ?? "") !== "loopback") return false;
	if (!URL.canParse(call.url) || classifyHost(new URL(call.url).hostname) !== "loopback")
		return false;
	const host = call.header("host");
	if (host !== null && !(URL.canParse(`http://${host}`) && isLoopbackHost(host))) return false;
	if (FORWARDING.some((name) => call.header(name) !== null)) return false;
	const { site, isNavigation, isFramed, isPrefetch } = requestOrigin(call.method, call.header);
	return isNavigation && !isFramed && !isPrefetch && (site === "none" || site === "same-origin");
}

function isLoopbackHost(host: string): boolean {
	return !/[/\\?#@]/.test(host) && classifyHost(new URL(`http://${host}`).hostname) === "loopback";
}
