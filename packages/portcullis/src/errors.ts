export {
	ConfigError,
	type ConfigProblem,
	type ErrorCode,
	type ErrorDetails,
	isPortcullisError,
	LoginError,
	PortcullisError,
} from "./base/errors.ts";
