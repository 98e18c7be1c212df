import { type AuditDetails, routeOf } from "../../audit/audit.ts";
import { createErrorId } from "../../audit/log.ts";
import type { MaybePromise } from "../../base/maybe-promise.ts";
import type { Decision } from "../../guard/decide.ts";
import type { AllowResult, GateRequest } from "../../guard/gate-request.ts";
import { rawPath } from "../../guard/path.ts";
import { UsedTransactions } from "../../session/used-transactions.ts";
import type { Exchange } from "../exchange.ts";
import type { GateContext } from "../gate-context.ts";
import { detailsOf } from "../sessions/audit-details.ts";

export type Denied = Decision & { readonly outcome: "denied" };

/** What the audit trail hears of pages: each request once, and each session's end once. */
export class PageAudit {
	readonly #gate: GateContext;
	/** Requests that the audit hook knows as allowed. */
	readonly #audited = new WeakSet<Request>();
	/** Sessions whose end the audit hook has heard of: their cookies may come many times. */
	readonly #stale: UsedTransactions = new UsedTransactions();

	constructor(gate: GateContext) {
		this.#gate = gate;
	}

	/**
	 * What the audit trail says of a denial. A check without a usable answer is in the log as well.
	 */
	denial(
		exchange: Exchange,
		{ reason, error }: Denied,
	): Pick<AuditDetails, "reason" | "errorId" | "route"> {
		const route = routeOf(exchange.call.url);
		if (reason === "check_denied" || reason === "step_up_required") return { route, reason };
		const path = rawPath(exchange.call.url);
		const message = `A check on ${path} gave no usable answer, which is a no`;
		const entry = {
			level: "error",
			code: "forbidden",
			message,
			id: createErrorId(),
			reason,
			cause: error,
		} as const;
		return { route, reason, errorId: exchange.log(entry, path) };
	}

	/**
	 * One record for a request, also where a host asks twice because another route has answered than
	 * the one whose tag decided.
	 */
	allowed(
		call: GateRequest,
		describe: () => AuditDetails,
		result: AllowResult,
	): MaybePromise<AllowResult> {
		const request = call.request();
		if (this.#audited.has(request)) return result;
		this.#audited.add(request);
		const details = { ...describe(), route: routeOf(call.url) };
		return this.#gate.audit?.emit("page_load", "allowed", details)?.then(() => result) ?? result;
	}

	/**
	 * What became of an anonymous request is what was answered. A page that asks once more, or renews
	 * the session first, has decided nothing: the request that follows will be heard of.
	 */
	async anonymous(exchange: Exchange, refusal: MaybePromise<Response>): Promise<Response> {
		const { call, runtime, now } = exchange;
		const { audit, identities } = this.#gate;
		const response = await refusal;
		const challenge = response.headers.get("www-authenticate") ?? "";
		const isDecided = response.status !== 200 && !challenge.includes("refresh_required");
		if (!audit || !isDecided) return response;
		const stored = await identities
			.openStored(runtime, call.header("cookie"))
			.catch(() => undefined);
		const details = { ...(stored && detailsOf(stored)), route: routeOf(call.url) };
		if (stored && !stored.session.hasRefreshToken && this.#stale.take(stored.session.id, now))
			await audit.emit("session_expired", "success", { ...details, reason: "stale_cookies" });
		const isSentToLogin =
			response.status === 401 || (response.status >= 300 && response.status < 400);
		// What is neither is an error page, which has said so itself.
		const reason = stored ? "stale_cookies" : "login_required";
		if (isSentToLogin) await audit.emit("page_load", "redirected_to_login", { ...details, reason });
		return response;
	}
}
