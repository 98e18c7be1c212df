/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The process's environment, where there is one. The only place that reads it. */
export function processEnvironment(): Environment {
	return (globalThis as { process?: { env?: Environment } }).process?.env ?? {};
}

/**
 * True where `NODE_ENV` says production: mistakes that are warnings in development are errors
 * there.
 */
export function isProduction(env: Environment): boolean {
	return env.NODE_ENV === "production";
}

/**
 * True where `NODE_ENV` says development, in this very word: what is there for developers alone is
 * not there by default.
 */
export function isDevelopment(env: Environment): boolean {
	return env.NODE_ENV === "development";
}
