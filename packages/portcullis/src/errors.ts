export {
	ConfigError,
	type ConfigProblem,
	type ErrorCode,
	type ErrorDetails,
	isPortcullisError,
	LoginError,
	PortcullisError,
	type ProviderErrorCode,
	StateError,
	type StateErrorCode,
	TokenError,
	type TokenErrorCode,
} from "./base/errors.ts";
