export type { ApiFetch } from "./app/api-fetch.ts";
export { Gate } from "./app/gate.ts";
export { type Auth, portcullis } from "./app/portcullis.ts";
export type { Surface } from "./app/surfaces.ts";
export type { Audit, AuditAction, AuditContext, AuditOutcome } from "./audit/audit.ts";
export type { Log, LogEntry } from "./audit/log.ts";
export {
	ConfigError,
	type ErrorCode,
	LoginError,
	PortcullisError,
	StateError,
	TokenError,
} from "./base/errors.ts";
export type { GateOptions, PortcullisOptions } from "./config/options.ts";
export type {
	AuthContext,
	Check,
	EventAuthContext,
	PageAuthContext,
	Rule,
	ValueAuthContext,
} from "./guard/context.ts";
export { Provider } from "./protocol/provider.ts";
export { Auth0 } from "./protocol/providers/auth0.ts";
export { Azure } from "./protocol/providers/azure.ts";
export { Cognito } from "./protocol/providers/cognito.ts";
export { Databricks } from "./protocol/providers/databricks.ts";
export { Generic } from "./protocol/providers/generic.ts";
export { GitLab } from "./protocol/providers/gitlab.ts";
export { Google } from "./protocol/providers/google.ts";
export { Keycloak } from "./protocol/providers/keycloak.ts";
export { Okta } from "./protocol/providers/okta.ts";
export type { Tokens, UserClaims } from "./protocol/types.ts";
export type { User } from "./session/user.ts";
export type { Snapshot } from "./wire/state.ts";
