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
export type { Auth0UserInfo } from "./protocol/providers/auth0.ts";
export type { AzureSettings, AzureUserInfo } from "./protocol/providers/azure.ts";
export type { TenantPolicy } from "./protocol/providers/azure-tenants.ts";
export type { CognitoUserInfo } from "./protocol/providers/cognito.ts";
export type { DatabricksUserInfo } from "./protocol/providers/databricks.ts";
export type { GitLabUserInfo } from "./protocol/providers/gitlab.ts";
export type { GoogleSettings, GoogleUserInfo } from "./protocol/providers/google.ts";
export type { KeycloakRoles, KeycloakUserInfo } from "./protocol/providers/keycloak.ts";
export type { OktaUserInfo } from "./protocol/providers/okta.ts";
export type { SchemaClaims } from "./protocol/schema-claims.ts";
export type {
	EndSession,
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
	RequestParameters,
	TokenExchange,
	TokenKind,
	Tokens,
} from "./protocol/types.ts";
