import type { ErrorCode } from "../base/errors.ts";
import type { AuditReason } from "./audit.ts";

const REASONS: Partial<Record<ErrorCode, AuditReason>> = {
	access_denied: "access_denied",
	answer_changed: "csrf_state_mismatch",
	callback_invalid: "callback_invalid",
	clock_skew: "clock_skew",
	config_invalid: "config_invalid",
	cookies_blocked: "cookies_blocked",
	cookies_too_large: "cookies_too_large",
	csrf_failed: "csrf_failed",
	handoff_invalid: "handoff_invalid",
	input_invalid: "input_invalid",
	insecure_origin: "insecure_origin",
	issuer_mismatch: "issuer_mismatch",
	login_required: "login_required",
	not_found: "unknown_provider",
	provider_error: "token_exchange_failed",
	provider_misconfigured: "token_exchange_failed",
	provider_unreachable: "provider_unreachable",
	token_invalid: "tokens_invalid",
	too_many_redirects: "too_many_redirects",
	too_many_requests: "too_many_requests",
	transaction_invalid: "transaction_invalid",
	transaction_reused: "attempt_reused",
	userinfo_invalid: "userinfo_invalid",
};

/** What an audit record says of an error that a login ended with. */
export function auditReason(code: ErrorCode): AuditReason {
	return REASONS[code] ?? "internal_error";
}
