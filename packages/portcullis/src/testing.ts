export { type DevIdp, startDevIdp } from "./testing/dev-idp.ts";
export type { DevClient, DevIdpOptions } from "./testing/dev-idp-options.ts";
export { type DevPerson, defaultPeople } from "./testing/dev-idp-people.ts";
export { type FaultyIdp, type FaultyIdpOptions, startFaultyIdp } from "./testing/faulty-idp.ts";
export type {
	AuthorizationFault,
	DiscoveryFault,
	Faults,
	FaultyEndpoint,
	IdTokenFault,
	IdTokenParts,
	JwksFault,
	TokenFault,
	TransportFault,
	UserinfoFault,
} from "./testing/faulty-idp-faults.ts";
export { idTokenFaultNames } from "./testing/faulty-idp-id-token.ts";
export type { FaultyAlgorithm } from "./testing/faulty-idp-keys.ts";
export type { FaultyIdpRequest, FaultyPerson } from "./testing/faulty-idp-state.ts";
