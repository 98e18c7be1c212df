import { rowOf } from "../base/error-table.ts";
import type { AnyErrorCode } from "../base/errors.ts";
import type { AuditReason } from "./audit.ts";

/** What an audit record says of an error that a login ended with. */
export function auditReason(code: AnyErrorCode): AuditReason {
	const { audit = "internal_error" } = rowOf(code);
	// `test/docs/reference.test.ts` holds that each word of the table is one.
	return audit as AuditReason;
}
