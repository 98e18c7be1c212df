import type { AuditAction, AuditContext, AuditOutcome } from "../audit.ts";
import type { Protected } from "../surfaces.ts";

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
