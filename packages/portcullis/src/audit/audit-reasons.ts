import { ERRORS, type ErrorRow } from "../base/error-table.ts";
import type { ErrorCode } from "../base/errors.ts";
import type { AuditReason } from "./audit.ts";

/** What an audit record says of an error that a login ended with. */
export function auditReason(code: ErrorCode): AuditReason {
	const { audit = "internal_error" }: ErrorRow = ERRORS[code];
	// `test/docs/reference.test.ts` holds that each word of the table is one.
	return audit as AuditReason;
}
