export type { ClaimsOf, ProviderRef } from "./config/options.ts";
export {
	type DefinedProvider,
	defineProvider,
	type ProviderDefinition,
} from "./protocol/define-provider.ts";
export type { IdTokenExpectation } from "./protocol/id-token.ts";
export type { IssuerRule } from "./protocol/issuer-rule.ts";
export { Provider } from "./protocol/provider.ts";
export type { ProviderSettings } from "./protocol/provider-settings.ts";
export type { Auth0Claims } from "./protocol/providers/auth0.ts";
export type { AzureClaims, AzureSettings } from "./protocol/providers/azure.ts";
export type { TenantPolicy } from "./protocol/providers/azure-tenants.ts";
export type { CognitoClaims } from "./protocol/providers/cognito.ts";
export type { DatabricksClaims } from "./protocol/providers/databricks.ts";
export type { GitLabClaims } from "./protocol/providers/gitlab.ts";
export type { GoogleClaims, GoogleSettings } from "./protocol/providers/google.ts";
export type { KeycloakClaims, KeycloakRoles } from "./protocol/providers/keycloak.ts";
export type { OktaClaims } from "./protocol/providers/okta.ts";
export type { SchemaClaims } from "./protocol/schema-claims.ts";
export type {
	EndSession,
	IdTokenClaims,
	LoginResult,
	LoginTransaction,
	PopupRequest,
	ProviderCall,
	ProviderOperation,
	RefreshInput,
	RefreshRefusal,
	RefreshResult,
	RequestParameters,
	TokenExchange,
	TokenKind,
	Tokens,
	UserClaims,
} from "./protocol/types.ts";
