import type { ConfigProblem } from "../base/errors.ts";
import { type Environment, isProduction } from "./environment.ts";

/** Variable that holds the secrets for sealing cookies, separated by commas. */
export const SECRET_VARIABLE = "PORTCULLIS_SECRET";
const MIN_SECRET_LENGTH = 32;
/** Client secrets are made by providers; shorter ones are a hand-made placeholder. */
const MIN_CLIENT_SECRET_LENGTH = 16;
const MIN_DISTINCT_CHARACTERS = 10;
const PLACEHOLDERS = /change.?me|your.?(own.?)?secret|placeholder|example|default|password/i;

const REMEDY = `Set ${SECRET_VARIABLE} to at least ${MIN_SECRET_LENGTH} random characters, the same on every replica: npx portcullis secret`;

export type SecretsResult =
	| { readonly secrets: readonly string[]; readonly ephemeral: boolean }
	| { readonly problems: readonly ConfigProblem[] };

/**
 * Finds the secrets that cookie keys are derived from: the option, else `PORTCULLIS_SECRET`, else the client secrets of all providers,
 * so that replicas with the same variables agree. In development a process may make its own; in production that is a mistake.
 */
export function resolveSecrets(
	option: string | readonly string[] | undefined,
	env: Environment,
	clientSecrets: readonly (string | undefined)[],
): SecretsResult {
	const given =
		option === undefined
			? splitSecrets(env[SECRET_VARIABLE])
			: typeof option === "string"
				? splitSecrets(option)
				: [...option];
	if (given.length > 0) {
		const weak = given.flatMap((secret, i) => {
			const problem = secretWeakness(secret);
			return problem ? [{ problem: `Cookie secret ${i + 1} of ${given.length} ${problem}`, remedy: REMEDY }] : [];
		});
		return weak.length > 0 ? { problems: weak } : { secrets: given, ephemeral: false };
	}
	const derived = clientSecrets.filter(
		(secret) => secret !== undefined && secret.length >= MIN_CLIENT_SECRET_LENGTH,
	) as string[];
	if (derived.length > 0) return { secrets: derived, ephemeral: false };
	if (isProduction(env))
		return {
			problems: [
				{ problem: "There is no client secret of 16 characters or more to derive cookie keys from", remedy: REMEDY },
			],
		};
	return { secrets: [crypto.randomUUID() + crypto.randomUUID()], ephemeral: true };
}

/** The secrets in a value of `PORTCULLIS_SECRET`, in order; none for an empty one. */
export function splitSecrets(text: string | undefined): string[] {
	return (text ?? "")
		.split(",")
		.map((part) => part.trim())
		.filter(Boolean);
}

/** Why a secret is not strong enough to seal cookies, as the end of a sentence; `undefined` for one that may be. */
export function secretWeakness(secret: string): string | undefined {
	if (secret.length < MIN_SECRET_LENGTH) return `is shorter than ${MIN_SECRET_LENGTH} characters`;
	if (new Set(secret).size < MIN_DISTINCT_CHARACTERS || PLACEHOLDERS.test(secret) || isRepetition(secret))
		return "is easy to guess";
	return undefined;
}

/** True for one piece of at most half the length, again and again. */
function isRepetition(secret: string): boolean {
	// A text is made of repeated pieces if it comes again in itself before its end.
	const period = (secret + secret).indexOf(secret, 1);
	return period <= secret.length / 2;
}
