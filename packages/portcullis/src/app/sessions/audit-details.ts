import { type AuditDetails, type AuditTrail, personOf, routeOf } from "../../audit/audit.ts";
import type { ConnectedProvider } from "../../config/runtime.ts";
import type { StoredSession } from "../../session/stored-session.ts";
import type { DecidedEvent } from "../../state/dispatch/event-run.ts";

export interface AuditedSession {
	readonly session: StoredSession;
	readonly connected: ConnectedProvider;
}

/** What an audit record says of a session and its person. */
export function detailsOf({ session, connected }: AuditedSession): AuditDetails {
	return {
		provider: connected.provider.name,
		session: session.id,
		userinfo: personOf(session.claims),
	};
}

/** Turns what was decided about events into audit records. */
export function eventAudit(
	audit: AuditTrail,
): (decided: DecidedEvent) => Promise<void> | undefined {
	return ({ handler, payload, caller, outcome, reason }) => {
		if (outcome === "allowed" && !audit.hearsAllowed) return undefined;
		const { user, owner, request } = caller;
		return audit.emit("event_handler", outcome, {
			provider: user?.provider,
			// A program has none: what its client belongs to is there for one request.
			session: owner === "" || caller.isRevoked === undefined ? undefined : owner,
			userinfo: user && personOf(user.claims),
			route: routeOf(request.url),
			handler,
			payload,
			reason,
		});
	};
}
