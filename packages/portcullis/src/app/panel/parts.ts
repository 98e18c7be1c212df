import type { AuditAction, AuditContext, AuditOutcome } from "../../audit/audit.ts";
import type { Protected } from "../surfaces.ts";

/**
 * The cookie of a browser that has opened the link on the console: `HttpOnly`, and for this process
 * alone.
 */
export const PANEL_COOKIE = "__Host-portcullis-panel";

/** One call of the audit hook, as the panel shows it. */
export interface AuditRecord {
	readonly action: AuditAction;
	readonly outcome: AuditOutcome;
	readonly context: AuditContext;
}

/** What the panel is made of. */
export interface PanelParts {
	readonly protects: Protected;
	/** Of one call to a provider, in seconds. */
	readonly timeout: number;
	/** In seconds. */
	readonly clockTolerance: number;
}
