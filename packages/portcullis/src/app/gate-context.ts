import { networkOf } from "../base/address-range.ts";
import type { ErrorCode } from "../base/errors.ts";
import { requestOrigin } from "../guard/navigation.ts";
import { safeReturnTarget } from "../guard/return-target.ts";
import type { Provider } from "../protocol/provider.ts";
import { type CookieJar, parseCookies, type SetCookie } from "../session/cookies.ts";
import { type MessageCode, messageFor } from "../views/messages.ts";
import type { ViewProvider, Views } from "../views/types.ts";
import { type AuditAction, type AuditReason, type AuditTrail, routeOf } from "./audit.ts";
import { auditReason } from "./audit-reasons.ts";
import type { BearerAuthentication } from "./bearer.ts";
import type { Embedding } from "./embedding.ts";
import type { HostCall } from "./host-call.ts";
import type { IdentityResolver } from "./identity.ts";
import type { Languages } from "./languages.ts";
import type { LineWriter, LogEntry } from "./log.ts";
import type { AddressLimit } from "./login-limit.ts";
import type { Platform, RoutePaths } from "./options.ts";
import type { AddressFinder, OriginFinder } from "./origin.ts";
import type { OutlivingCopies } from "./outliving-copies.ts";
import { createNonce, problemResponse, renderView } from "./render.ts";
import { callbackPathOf, compileRoutes, type OwnRoute } from "./routes.ts";
import type { Runtime, RuntimeLoader } from "./runtime.ts";
import type { SessionManager } from "./session-manager.ts";
import type { GuardedTelemetry } from "./telemetry.ts";

/** HTTP status of an error page or problem, by code. */
const STATUS: Partial<Record<ErrorCode, number>> = {
	access_denied: 403,
	config_invalid: 500,
	cookies_too_large: 500,
	csrf_failed: 403,
	forbidden: 403,
	internal_error: 500,
	login_required: 401,
	handoff_invalid: 403,
	method_not_allowed: 405,
	not_found: 404,
	provider_error: 502,
	provider_misconfigured: 502,
	provider_unreachable: 503,
	state_busy: 503,
	step_up_required: 401,
	state_store_full: 503,
	state_store_unavailable: 503,
	refresh_required: 401,
	token_invalid: 502,
	too_many_requests: 429,
	clock_skew: 502,
	userinfo_invalid: 502,
	issuer_mismatch: 400,
};
/** When a provider that does not answer is worth another try. Seconds. */
const RETRY_AFTER = 10;

/** What the routes of one gate share. Made once; nothing in it changes while requests are handled. */
export interface GateContext {
	readonly paths: RoutePaths;
	readonly platform: Platform;
	/** Like `platform.log`, with a share for each network. Lines about a request go through `logFor`. */
	readonly log: LineWriter;
	readonly views: Partial<Views>;
	/** There if the app has an audit hook, or measures. */
	readonly audit: AuditTrail | undefined;
	/** There if the app measures. */
	readonly telemetry: GuardedTelemetry | undefined;
	readonly languages: Languages;
	readonly loader: RuntimeLoader;
	readonly identities: IdentityResolver;
	/** There if access tokens let programs in. */
	readonly bearer: BearerAuthentication | undefined;
	readonly findOrigin: OriginFinder;
	/** For the log, where `findOrigin` finds none. */
	readonly unknownOrigin: string;
	readonly findAddress: AddressFinder;
	/** The address that limits count by; see `compileOrigin`. */
	readonly findCounted: AddressFinder;
	/** `max-age` of HSTS in seconds; 0 for none. */
	readonly hsts: number;
	/** Login starts and callbacks, counted apart. */
	readonly limits: { readonly start: AddressLimit; readonly callback: AddressLimit };
	readonly embedding: Embedding;
	/** One callback for all providers, who then have to name themselves in their answers. */
	readonly sharedCallback: boolean;
	/** `POST refresh`. */
	readonly refreshes: {
		answer(gate: GateContext, runtime: Runtime, call: HostCall, origin: string): Promise<Response>;
	};
	/** The only one that makes, renews, replaces and ends sessions. */
	readonly sessions: SessionManager;
	/** Looks at providers, where copies of cookies may outlive a sign-out. */
	readonly outliving: OutlivingCopies | undefined;
	readonly ownRoute: (path: string) => OwnRoute | undefined;
}

/** What a gate context is made of. */
export interface GateParts extends Omit<GateContext, "ownRoute"> {}

export function createGateContext(parts: GateParts): GateContext {
	return { ...parts, ownRoute: compileRoutes(parts.paths) };
}

/** Seconds since the epoch. */
export function secondsNow(gate: GateContext): number {
	return Math.floor(gate.platform.now() / 1000);
}

export function jarOf(call: HostCall): CookieJar {
	return parseCookies(call.header("cookie"));
}

/** The return target that a request names, or `/`. The gate's own routes are none: `/logout` there would undo the login. */
export function returnTarget(gate: GateContext, target: string | null | undefined, origin: string): string {
	const safe = safeReturnTarget(target, origin);
	const path = safe.split(/[?#]/, 1)[0] ?? "/";
	return gate.ownRoute(path) ? "/" : safe;
}

/** What counts a page's arrivals straight from the callback: if it is refused then, the browser did not keep the session. */
export function arrivalKey(path: string): string {
	return `callback ${path.split("#", 1)[0]}`;
}

/** What counts a page's arrivals after a step-up: if it is refused then, asking once more would be of no use. */
export function stepUpKey(path: string): string {
	return `step-up ${path.split("#", 1)[0]}`;
}

/** The login page with a return target. */
export function loginHref(gate: GateContext, redirectTo: string): string {
	return redirectTo === "/" ? gate.paths.login : `${gate.paths.login}?redirect_to=${encodeURIComponent(redirectTo)}`;
}

/** Parameter of a link that begins a login: sealed, and of use only in the browser with the cookie that it was made for. */
export const START_FIELD = "from";

/** Where one provider's button leads. */
export function startHref(
	gate: GateContext,
	provider: Provider,
	redirectTo: string,
	{ restarted = false, from }: StartHrefOptions = {},
): string {
	const query = new URLSearchParams();
	if (redirectTo !== "/") query.set("redirect_to", redirectTo);
	if (restarted) query.set("restarted", "1");
	if (from !== undefined) query.set(START_FIELD, from);
	const path = `${gate.paths.login}/${provider.name}`;
	return query.size > 0 ? `${path}?${query}` : path;
}

/** What a link that begins a login carries besides. */
export interface StartHrefOptions {
	readonly restarted?: boolean;
	/** Of the page's `StartProof`. */
	readonly from?: string | undefined;
}

export function viewProviders(
	gate: GateContext,
	runtime: Runtime | undefined,
	redirectTo: string,
	options: StartHrefOptions = {},
): ViewProvider[] {
	return (runtime?.providers ?? []).map(({ provider }) => ({
		name: provider.name,
		displayName: provider.displayName,
		loginHref: startHref(gate, provider, redirectTo, options),
	}));
}

/** Whether a login with the provider runs in a popup of the window: the hook `usePopupFlow`, anything but `true` is a no. */
export function runsInPopup(provider: Provider, request: Request, isFramed: boolean): boolean {
	// biome-ignore lint/correctness/useHookAtTopLevel: a hook of ours, not of React
	return provider.usePopupFlow(request, isFramed) === true;
}

/** Path of the callback that a provider's redirect URI names: of its own where there are several, so that answers cannot be mixed up. */
export function callbackPath(gate: GateContext, runtime: Runtime, provider: Provider): string {
	return callbackPathOf(gate.paths.callback, provider.name, runtime.providers.length > 1 && !gate.sharedCallback);
}

/** True if only `iss` of an answer (RFC 9207) tells from which of several providers it comes. */
export function needsIssuer(gate: GateContext, runtime: Runtime): boolean {
	return gate.sharedCallback && runtime.providers.length > 1;
}

/** An error as the person gets it, with the log line that has the same id. */
export interface Failure {
	readonly code: ErrorCode;
	/** For the log. */
	readonly message: string;
	readonly id?: string | undefined;
	readonly provider?: string | undefined;
	readonly reason?: string | undefined;
	readonly cause?: unknown;
	readonly cookies?: readonly SetCookie[];
	/** Where trying again returns to; without it the error view offers none. */
	readonly retryTo?: string | undefined;
	readonly providerText?: string | undefined;
	/** Seconds after which trying again makes sense. */
	readonly retryAfter?: number;
	/** Id of the login attempt, for the audit trail. */
	readonly attempt?: string | undefined;
	/** What has failed, for the audit trail. Absent where nothing that it knows of was tried. */
	readonly action?: AuditAction | undefined;
	/** For the audit trail, where the code alone does not say it. */
	readonly auditReason?: AuditReason | undefined;
	/** False if the log has a line about it already: `id` is then that of the line, if it is known. Default true. */
	readonly isLogged?: boolean;
}

/** Logs a failure and answers with the error view, or with a problem for a fetch. */
export async function fail(gate: GateContext, call: HostCall, failure: Failure): Promise<Response> {
	const id =
		failure.isLogged === false ? failure.id : logFor(gate, call, logEntry(failure, failure.id ?? createErrorId()));
	if (gate.audit && failure.action !== undefined)
		await gate.audit.emit(failure.action, "failure", {
			provider: failure.provider,
			route: routeOf(call.url),
			reason: failure.auditReason ?? auditReason(failure.code),
			attempt: failure.attempt,
			errorId: id,
		});
	const status = STATUS[failure.code] ?? 400;
	const cookies = failure.cookies ?? [];
	const retryAfter = failure.code === "provider_unreachable" ? RETRY_AFTER : failure.retryAfter;
	if (!requestOrigin(call.method, call.header).isNavigation) {
		const headers = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
		const found = id === undefined ? {} : { id };
		return problemResponse(status, failure.code, messageFor(failure.code).title, { ...found, cookies, headers });
	}
	const runtime = gate.loader.current;
	const texts = await gate.languages.textsFor(call);
	const { title, message } = Object.hasOwn(texts.errors, failure.code)
		? texts.errors[failure.code as MessageCode]
		: texts.errors.internal_error;
	const nonce = createNonce();
	const context = {
		kind: "error",
		request: call.request(),
		nonce,
		homeHref: "/",
		texts,
		providers: viewProviders(gate, runtime, failure.retryTo ?? "/"),
		error: { code: failure.code, id: id ?? "", title, message, providerText: failure.providerText },
		retryHref:
			messageFor(failure.code).retry && failure.retryTo !== undefined ? loginHref(gate, failure.retryTo) : undefined,
	} as const;
	const page = {
		status,
		nonce,
		cookies,
		isolate: false,
		framing: gate.embedding.framing,
		...(retryAfter === undefined ? {} : { retryAfter }),
	};
	const provider = runtime?.providers.find((connected) => connected.provider.name === failure.provider)?.provider;
	const own = provider?.errorView?.bind(provider);
	const views = own ? { ...gate.views, error: own } : gate.views;
	return renderView(views, "error", context, page, gate.platform.log);
}

/** Longer than any network is written. Characters. */
const MAX_NETWORK = 64;
const MAX_ABOUT = 200;

/**
 * Writes a line about a request, in the share of the network that it came from. See `LineWriter` for what it returns.
 *
 * @param about For mistakes of the app that only people meet who are signed in: each thing has a share of its own.
 */
export function logFor(gate: GateContext, call: HostCall, entry: LogEntry, about = ""): string | undefined {
	const network = networkOf(gate.findAddress(call) ?? "").slice(0, MAX_NETWORK);
	return gate.log(entry, about === "" ? network : `${network} ${about.slice(0, MAX_ABOUT)}`);
}

/** 12 characters, for errors outside of a login attempt. */
export function createErrorId(): string {
	return createNonce().slice(0, 12);
}

function logEntry({ code, message, provider, reason, cause }: Failure, id: string): LogEntry {
	return {
		level: "error",
		code,
		message,
		id,
		...(provider === undefined ? {} : { provider }),
		...(reason === undefined ? {} : { reason }),
		...(cause === undefined ? {} : { cause }),
	};
}
