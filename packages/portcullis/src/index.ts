export { finishResponse, writeAdmittedHeaders } from "./app/admitted-headers.ts";
export type { ApiFetch, ApiFetchOptions } from "./app/api-fetch.ts";
export { Gate } from "./app/gate.ts";
export { type Kit, portcullis } from "./app/portcullis.ts";
export type { Surface, SurfaceCheck, SurfaceRoute } from "./app/surfaces.ts";
export type {
	Audit,
	AuditAction,
	AuditContext,
	AuditOutcome,
	AuditPerson,
	AuditReason,
	TelemetryEvent,
} from "./audit/audit.ts";
export type { Log, LogEntry } from "./audit/log.ts";
export type { Telemetry, TelemetryRoute } from "./audit/telemetry.ts";
export {
	ConfigError,
	type ConfigProblem,
	type ErrorCode,
	LoginError,
	PortcullisError,
	StateError,
	type StateErrorCode,
	TokenError,
	type TokenErrorCode,
} from "./base/errors.ts";
export type { BearerOptions } from "./config/bearer-options.ts";
export type { EmbedOptions } from "./config/embedding.ts";
export type { Admission, Admitted, Answered, HandleOptions, HostCall } from "./config/host-call.ts";
export type { LanguageOptions, OwnTexts } from "./config/languages.ts";
export type {
	ClaimsOf,
	GateOptions,
	Platform,
	PortcullisOptions,
	ProviderRef,
	RoutePaths,
	StateClasses,
} from "./config/options.ts";
export type {
	AuthContext,
	Check,
	EventAuthContext,
	GetState,
	PageAuthContext,
	Rule,
	ValueAuthContext,
} from "./guard/context.ts";
export type { IdTokenExpectation } from "./protocol/id-token.ts";
export type { IssuerRule } from "./protocol/issuer-rule.ts";
export { type EndSession, Provider, type RequestParameters } from "./protocol/provider.ts";
export type { ProviderSettings } from "./protocol/provider-settings.ts";
export { Auth0, type Auth0UserInfo } from "./protocol/providers/auth0.ts";
export { Azure, type AzureSettings, type AzureUserInfo } from "./protocol/providers/azure.ts";
export type { TenantPolicy } from "./protocol/providers/azure-tenants.ts";
export { Cognito, type CognitoUserInfo } from "./protocol/providers/cognito.ts";
export { Databricks, type DatabricksUserInfo } from "./protocol/providers/databricks.ts";
export { Generic } from "./protocol/providers/generic.ts";
export { GitLab, type GitLabUserInfo } from "./protocol/providers/gitlab.ts";
export { Google, type GoogleSettings, type GoogleUserInfo } from "./protocol/providers/google.ts";
export {
	Keycloak,
	type KeycloakRoles,
	type KeycloakUserInfo,
} from "./protocol/providers/keycloak.ts";
export { Okta, type OktaUserInfo } from "./protocol/providers/okta.ts";
export type {
	IdTokenClaims,
	LoginResult,
	LoginTransaction,
	OIDCUserInfo,
	PopupRequest,
	ProviderCall,
	ProviderOperation,
	RefreshInput,
	RefreshRefusal,
	RefreshResult,
	TokenExchange,
	TokenKind,
	Tokens,
} from "./protocol/types.ts";
export type { SetCookie } from "./session/cookies.ts";
export type { User } from "./session/user.ts";
export type { PageDecision, Snapshot } from "./wire/state.ts";
