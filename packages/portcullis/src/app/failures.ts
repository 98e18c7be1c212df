import { ConfigError, isPortcullisError } from "../base/errors.ts";
import type { Failure } from "./gate-context.ts";
import { ENDED_MEANWHILE } from "./session-manager.ts";

/** Turns anything thrown into a failure: errors of ours by their code, everything else as `internal_error`. */
export function errorFailure(
	error: unknown,
	details: Omit<Failure, "code" | "message" | "cause" | "reason" | "providerText">,
): Failure {
	if (!isPortcullisError(error))
		return { ...details, code: "internal_error", message: "An unforeseen error", cause: error };
	const providerText = (error as { providerText?: unknown }).providerText;
	return {
		...details,
		code: error.code,
		message: error.message,
		// What is wrong with the set-up is the message already.
		...(error instanceof ConfigError ? {} : { cause: error.cause }),
		...(error.reason === undefined ? {} : { reason: error.reason }),
		...(error.code === "login_required" && error.reason === ENDED_MEANWHILE
			? { auditReason: "session_ended" as const }
			: {}),
		...(typeof providerText === "string" ? { providerText } : {}),
	};
}
