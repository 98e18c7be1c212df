export {
	ConfigError,
	type ConfigProblem,
	type ErrorCode,
	type ErrorDetails,
	isPortcullisError,
	LoginError,
	PortcullisError,
	TokenError,
} from "./base/errors.ts";
