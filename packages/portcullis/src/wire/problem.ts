import type { AnyErrorCode } from "../base/errors.ts";

/** What a refused fetch gets (RFC 9457, `application/problem+json`). */
export interface Problem {
	/** Always `about:blank`: `code` tells problems apart. */
	readonly type: "about:blank";
	readonly title: string;
	readonly status: number;
	/** Stable; see `docs/errors.md`. */
	readonly code: AnyErrorCode;
	/** Error id, where the log has a line about it. */
	readonly id?: string;
	/** With `step_up_required` alone: where to sign in as wanted. Add `redirect_to` to come back. */
	readonly href?: string;
}
