import type { AuditTrail } from "../../audit/audit.ts";
import { createErrorId, type LogEntry } from "../../audit/log.ts";
import { isPortcullisError } from "../../base/errors.ts";
import { networkOf } from "../../base/ip.ts";
import { compileEmbedding, type Embedding } from "../../config/embedding.ts";
import { isProduction } from "../../config/environment.ts";
import { StateService } from "../../state/state-service.ts";
import type { StateRegistry } from "../../state/state-types.ts";
import type { Topics } from "../../state/topic.ts";
import { RefreshRoutes } from "../routes/refresh.ts";
import { eventAudit } from "../sessions/audit-details.ts";
import { IdentityResolver } from "../sessions/identity.ts";
import {
	OwnRevocations,
	type RevocationCheck,
	RevocationList,
} from "../sessions/revocation-list.ts";
import { SessionManager } from "../sessions/session-manager.ts";
import { SharedRefreshes } from "../sessions/shared-refreshes.ts";
import type { AuthSetup } from "./auth-setup.ts";
import type { StoreUse } from "./start-warnings.ts";

/** The parts of a gate that end together with a session. */
export interface SessionParts {
	readonly state: StateService;
	readonly identities: IdentityResolver;
	readonly sessions: SessionManager;
	readonly refreshes: RefreshRoutes;
	readonly embedding: Embedding;
	/** There if providers can end sessions. */
	readonly revocations: RevocationList | undefined;
	/** What this process knows to be over: `revocations`, or a list of its own. */
	readonly known: RevocationCheck;
}

/** What they are made of besides the setup. */
export interface SessionNeeds extends StoreUse {
	readonly registry: StateRegistry;
	readonly topics: Topics;
	readonly audit: AuditTrail | undefined;
}

/** Makes the parts that have to know of each other: what one ends, the others let go of. */
export function createSessionParts(setup: AuthSetup, needs: SessionNeeds): SessionParts {
	const { platform, session } = setup;
	const { now } = platform;
	const { store, audit, topics, registry } = needs;
	const log = lineWriter(setup);
	const revocations = needs.hasBackchannel ? new RevocationList({ store, now, log }) : undefined;
	const known = revocations ?? new OwnRevocations(now);
	const state = new StateService({
		...{ registry, topics, store, now, log },
		isDevelopment: !isProduction(platform.env),
		audit: audit && eventAudit(audit),
	});
	revocations?.onChange(() => state.endRevoked());
	const embedding = compileEmbedding(setup.http.embed, store, setup.store !== undefined);
	const identities = new IdentityResolver({
		now,
		log: platform.log,
		revocations: known,
		userinfoMaxAge: session.claimsMaxAge,
		onRefused: (connected, ended) => sessions.end({ session: ended, connected }),
		isEmbedded: embedding.ancestors.length > 0,
		framing: embedding.framing,
	});
	const shared = store.isShared ? new SharedRefreshes(store, sayUnshared(log)) : undefined;
	const refreshes = new RefreshRoutes(session.outageGrace, shared);
	const sessions = new SessionManager({
		...{ now, log, identities, audit },
		revocations: known,
		onEnded: (id) => {
			state.sessionEnded(id);
			refreshes.sessionEnded(id, now());
		},
	});
	return { state, identities, sessions, refreshes, embedding, revocations, known };
}

type Log = (entry: Omit<LogEntry, "id">, address?: string) => string | undefined;

/** Writes lines with an id of their own, and their network's share if there is an address. */
function lineWriter({ writeLine }: AuthSetup): Log {
	return (entry, address) =>
		writeLine(
			{ ...entry, id: createErrorId() },
			address === undefined ? undefined : networkOf(address),
		);
}

function sayUnshared(log: Log): (cause: unknown) => void {
	const message =
		"The store does not answer: refreshes are folded within this process alone for now";
	return (cause) => {
		const code = isPortcullisError(cause) ? cause.code : "internal_error";
		log({ level: "warning", code, message, cause });
	};
}
