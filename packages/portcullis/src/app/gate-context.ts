import type { AuditTrail } from "../audit/audit.ts";
import type { LineWriter } from "../audit/log.ts";
import type { GuardedTelemetry } from "../audit/telemetry.ts";
import type { Embedding } from "../config/embedding.ts";
import type { Languages } from "../config/languages.ts";
import type { Platform, RoutePaths } from "../config/options.ts";
import type { AddressFinder, OriginFinder } from "../config/origin.ts";
import type { RuntimeLoader } from "../config/runtime.ts";
import type { Views } from "../views/types.ts";
import type { BearerAuthentication } from "./authorize/bearer.ts";
import type { AddressLimit } from "./routes/login-limit.ts";
import { compileRoutes, type OwnRoute } from "./routes/paths.ts";
import type { IdentityResolver } from "./sessions/identity.ts";
import type { OutlivingCopies } from "./sessions/outliving-copies.ts";
import type { SessionManager } from "./sessions/session-manager.ts";

/**
 * What the routes of one gate share. Made once; nothing in it changes while requests are handled.
 */
export interface GateContext {
	readonly paths: RoutePaths;
	readonly platform: Platform;
	/**
	 * Like `platform.log`, with a share for each network. Lines about a request go through `logFor`.
	 */
	readonly log: LineWriter;
	readonly views: Partial<Views>;
	/** There if the app has an audit hook, or measures. */
	readonly audit: AuditTrail | undefined;
	/** There if the app measures. */
	readonly telemetry: GuardedTelemetry | undefined;
	readonly languages: Languages;
	readonly loader: RuntimeLoader;
	readonly identities: IdentityResolver;
	/** There if access tokens let programs in. */
	readonly bearer: BearerAuthentication | undefined;
	readonly findOrigin: OriginFinder;
	/** For the log, where `findOrigin` finds none. */
	readonly unknownOrigin: string;
	readonly findAddress: AddressFinder;
	/** The address that limits count by; see `compileOrigin`. */
	readonly findCounted: AddressFinder;
	/** `max-age` of HSTS in seconds; 0 for none. */
	readonly hsts: number;
	/** Login starts and callbacks, counted apart. */
	readonly limits: { readonly start: AddressLimit; readonly callback: AddressLimit };
	readonly embedding: Embedding;
	/** One callback for all providers, who then have to name themselves in their answers. */
	readonly sharedCallback: boolean;
	/** The only one that makes, renews, replaces and ends sessions. */
	readonly sessions: SessionManager;
	/** Looks at providers, where copies of cookies may outlive a sign-out. */
	readonly outliving: OutlivingCopies | undefined;
	readonly ownRoute: (path: string) => OwnRoute | undefined;
}

/** What a gate context is made of. */
export interface GateParts extends Omit<GateContext, "ownRoute"> {}

export function createGateContext(parts: GateParts): GateContext {
	return { ...parts, ownRoute: compileRoutes(parts.paths) };
}
