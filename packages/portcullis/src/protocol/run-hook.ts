import { type ErrorCode, isPortcullisError, LoginError, providerOfCode } from "../base/errors.ts";

/** Makes the errors of one provider, and runs its hooks. */
export interface HookRunner {
	error(code: ErrorCode, reason: string, message: string, cause?: unknown): LoginError;
	/**
	 * Runs a hook by its name.
	 *
	 * @throws what the hook throws, if it is an error of ours; `internal_error` with its name as
	 *   reason otherwise.
	 */
	run<T>(hook: string, call: () => T | Promise<T>): Promise<T>;
	/** Runs a hook that has to say `true`: anything else ends the login with `token_invalid`. */
	requireTrue(hook: string, call: () => boolean | Promise<boolean>): Promise<void>;
}

/** @param provider name of the provider, for errors. */
export function hooksOf(provider: string): HookRunner {
	const error: HookRunner["error"] = (code, reason, message, cause) =>
		new LoginError(code, message, { provider, reason, cause });
	const run: HookRunner["run"] = async (hook, call) => {
		try {
			return await call();
		} catch (cause) {
			if (isPortcullisError(cause)) {
				const owner = providerOfCode(cause.code) ?? (cause.code.includes(":") ? "" : provider);
				if (owner === provider) throw cause;
				const message = `The hook ${hook} threw a code that is not of the form ${provider}:word.`;
				throw error("internal_error", hook, message, cause); // proven: foreign-namespace
			}
			throw error("internal_error", hook, `The hook ${hook} failed.`, cause);
		}
	};
	return {
		error,
		run,
		async requireTrue(hook, call) {
			// proven: truthy-hooks
			if ((await run(hook, call)) !== true)
				throw error("token_invalid", hook, `${hook} refused the login.`);
		},
	};
}
