import { classifyHost } from "../base/host.ts";
import { requestOrigin } from "../guard/navigation.ts";
import type { Audit } from "./audit.ts";
import type { GateContext } from "./gate-context.ts";
import type { HostCall } from "./host-call.ts";
import type { Panel } from "./panel/panel.ts";
import type { AuditRecord, PanelParts } from "./panel/parts.ts";
import type { Runtime } from "./runtime.ts";

/** Records that are kept. */
const MAX_RECORDS = 50;
/** Headers by which a proxy says that somebody else is asking. */
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
 * The developer panel's route: there only with `NODE_ENV=development`, and only for the person at this machine. The panel itself is loaded when
 * it is first asked for.
 */
export class PanelRoute {
	readonly #parts: PanelParts;
	readonly #records: AuditRecord[] = [];
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
	async answer(gate: GateContext, runtime: Runtime, call: HostCall): Promise<Response | undefined> {
		if (!isPersonAtThisMachine(call)) return undefined;
		this.#panel ??= import("./panel/panel.ts").then(({ Panel }) => new Panel(this.#parts));
		return (await this.#panel).answer(gate, runtime, call, this.#records);
	}
}

/**
 * True for a page that a person opens in a browser on this machine: peer and host are loopback, and nobody has forwarded anything. Browsers send
 * Fetch Metadata to localhost over plain http, but not to another machine: one that came here through a proxy which says nothing of itself
 * has none. A name that somebody has bound to 127.0.0.1 is not loopback by its text.
 */
export function isPersonAtThisMachine(call: HostCall): boolean {
	if (call.method !== "GET" && call.method !== "HEAD") return false;
	if (!isLoopback(call.remoteAddress)) return false;
	if (!URL.canParse(call.url) || classifyHost(new URL(call.url).hostname) !== "loopback") return false;
	const host = call.header("host");
	if (host !== null && !(URL.canParse(`http://${host}`) && isLoopbackHost(host))) return false;
	if (FORWARDING.some((name) => call.header(name) !== null)) return false;
	const { site, isNavigation, isFramed, isPrefetch } = requestOrigin(call.method, call.header);
	return isNavigation && !isFramed && !isPrefetch && (site === "none" || site === "same-origin");
}

function isLoopbackHost(host: string): boolean {
	return !/[/\\?#@]/.test(host) && classifyHost(new URL(`http://${host}`).hostname) === "loopback";
}

/** True for the address of a direct peer on this machine, `::ffff:127.0.0.1` included. */
function isLoopback(address: string | undefined): boolean {
	if (address === undefined) return false;
	const url = `http://${address.includes(":") ? `[${address}]` : address}`;
	return URL.canParse(url) && classifyHost(new URL(url).hostname) === "loopback";
}
