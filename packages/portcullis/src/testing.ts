export { type DevIdp, startDevIdp } from "./testing/dev-idp.ts";
export type { DevApi, DevClient, DevIdpOptions } from "./testing/dev-idp-options.ts";
export { type DevPerson, defaultPeople } from "./testing/dev-idp-people.ts";
export { expectPolicy, type Personas, type PolicyOptions } from "./testing/expect-policy.ts";
export {
	type FaultyIdp,
	type FaultyIdpOptions,
	type FaultyLogin,
	startFaultyIdp,
} from "./testing/faulty-idp.ts";
export type {
	AuthorizationFault,
	DiscoveryFault,
	EndSessionFault,
	Faults,
	FaultyEndpoint,
	IdTokenFault,
	IdTokenParts,
	JwksFault,
	LogoutTokenFault,
	RefreshFault,
	TokenFault,
	TransportFault,
	UserinfoFault,
} from "./testing/faulty-idp-faults.ts";
export { idTokenFaultNames } from "./testing/faulty-idp-id-token.ts";
export type { FaultyAlgorithm } from "./testing/faulty-idp-keys.ts";
export {
	type LogoutTokenOptions,
	logoutTokenFaultNames,
	type SendLogoutOptions,
} from "./testing/faulty-idp-logout.ts";
export type { FaultyIdpRequest, FaultyPerson } from "./testing/faulty-idp-state.ts";
export {
	actAs,
	type Persona,
	type PersonaOptions,
	type PersonaResult,
	type SeenValue,
} from "./testing/persona.ts";
export { type BrowserPage, type SignInOptions, signIn } from "./testing/sign-in.ts";
export {
	eventContext,
	pageContext,
	type TestContextOptions,
	valueContext,
} from "./testing/test-contexts.ts";
export { sessionCookie, type TestSessionOptions } from "./testing/test-session.ts";
export { type TestClaims, type TestUserOptions, testUser } from "./testing/test-user.ts";
