import type { ConfigProblem } from "../base/errors.ts";
import { type Environment, isProduction } from "./environment.ts";
import { MIN_CLIENT_SECRET_LENGTH, MIN_SECRET_LENGTH, weaknessOf } from "./secret-strength.ts";

/** Variable that holds the secrets for sealing cookies, separated by commas. */
export const SECRET_VARIABLE = "PORTCULLIS_SECRET";

const COMMAND = "npx portcullis secret";
/**
 * Names the command and holds no value: errors are logged and reported, and what stood in a log is
 * no secret any more.
 */
const REMEDY = `Set ${SECRET_VARIABLE} to at least ${MIN_SECRET_LENGTH} random characters, the same on every replica: ${COMMAND}`;
/**
 * Of the identity providers in `portcullis/testing`. Anyone can sign in there as any person: their
 * secrets guard nothing.
 */
const FOR_DEVELOPMENT = /^(?:development|test)-only-secret-do-not-use-in-production$/;

/**
 * What is looked at of a provider: who issued its client secret knows that secret, and no other.
 */
export interface SecretOwner {
	readonly name: string;
	readonly clientId: string;
	readonly clientSecret: string | undefined;
}

/**
 * The secrets that keys are derived from. Of each list the first one seals, and all of them open.
 */
export interface Secrets {
	/**
	 * Of the sessions and logins of each provider, in the order of the providers. None is known to
	 * another provider.
	 */
	readonly ofProviders: readonly (readonly string[])[];
	/**
	 * Of what belongs to no provider: forms, names of clients, popup handoffs. With several
	 * providers, none of them knows it.
	 */
	readonly shared: readonly string[];
	/** What an operator should hear of, in development. */
	readonly warnings: readonly string[];
}

export type SecretsResult = Secrets | { readonly problems: readonly ConfigProblem[] };

/**
 * Finds the secrets that cookie keys are derived from: the option, else `PORTCULLIS_SECRET`, else
 * for each provider its own client secret, so that replicas with the same variables agree.
 *
 * The provider that issued a client secret knows it, and can seal values that its keys open. So a
 * client secret opens nothing of another provider, not even where it stands in `PORTCULLIS_SECRET`;
 * and in production several providers need a secret that none of them knows. In development a
 * process makes its own where there is no good one; in production that is a mistake.
 */
export function resolveSecrets(
	option: string | readonly string[] | undefined,
	env: Environment,
	providers: readonly SecretOwner[],
): SecretsResult {
	const given = givenSecrets(option, env);
	if (given.length > 0) return fromGiven(given, providers);
	const missing = missingSecret(option, env, providers.length);
	if (missing) return { problems: [missing] };
	return isProduction(env) ? fromOnlyClient(providers[0], env) : forDevelopment(providers, env);
}

/**
 * The mistake of several providers without a secret in production. Also for those that are not
 * imported yet.
 */
export function missingSecret(
	option: string | readonly string[] | undefined,
	env: Environment,
	providers: number,
): ConfigProblem | undefined {
	// proven: several-without-secret
	if (providers < 2 || !isProduction(env) || givenSecrets(option, env).length > 0) return undefined;
	const problem = `There are ${providers} providers and no ${SECRET_VARIABLE}: each of them knows its client secret, and what belongs to all of them needs a secret that none of them knows`;
	return { problem, remedy: REMEDY };
}

/** The secrets in a value of `PORTCULLIS_SECRET`, in order; none for an empty one. */
export function splitSecrets(text: string | undefined): string[] {
	return (text ?? "")
		.split(",")
		.map((part) => part.trim())
		.filter(Boolean);
}

/**
 * Why a secret is not strong enough to seal cookies, as the end of a sentence; `undefined` for one
 * that may be.
 */
export function secretWeakness(secret: string): string | undefined {
	return weaknessOf(secret, MIN_SECRET_LENGTH);
}

/** The same for a client secret. A provider makes it, and it may be shorter. */
export function clientSecretWeakness({
	name,
	clientId,
	clientSecret = "",
}: SecretOwner): string | undefined {
	return weaknessOf(clientSecret, MIN_CLIENT_SECRET_LENGTH, [name, clientId]);
}

/**
 * True for a secret of the identity providers for development and tests. It is weak by design: no
 * warning is given.
 */
export function isDevelopmentSecret(secret: string | undefined): boolean {
	return secret !== undefined && FOR_DEVELOPMENT.test(secret);
}

/** The variable that a client secret comes from, as far as the environment tells. */
export function clientSecretVariable({ name }: SecretOwner, env: Environment): string {
	const own = `${name.toUpperCase()}_CLIENT_SECRET`;
	const shared = "OIDC_CLIENT_SECRET";
	const isSet = (variable: string) => (env[variable] ?? "").trim() !== "";
	return name === "generic" || (!isSet(own) && isSet(shared)) ? shared : own;
}

function givenSecrets(
	option: string | readonly string[] | undefined,
	env: Environment,
): readonly string[] {
	if (option === undefined) return splitSecrets(env[SECRET_VARIABLE]);
	return typeof option === "string" ? splitSecrets(option) : option;
}

function fromGiven(given: readonly string[], providers: readonly SecretOwner[]): SecretsResult {
	const problems = given.flatMap((secret, i) => {
		const weakness = secretWeakness(secret);
		return weakness
			? [{ problem: `Cookie secret ${i + 1} of ${given.length} ${weakness}`, remedy: REMEDY }]
			: [];
	});
	if (problems.length > 0) return { problems };
	if (providers.length < 2)
		return { ofProviders: providers.map(() => given), shared: given, warnings: [] };
	// On the way from a client secret to one of its own, the former stands in the list for a while.
	const knownToNone = given.filter(
		(secret) => !providers.some((provider) => hasSecret(provider, secret)),
	);
	if (knownToNone.length === 0) {
		const problem =
			"Every cookie secret is a client secret, which its provider knows: several providers need one that none of them knows";
		return { problems: [{ problem, remedy: REMEDY }] };
	}
	const ofProviders = providers.map((provider) =>
		// proven: foreign-secret-in-list
		given.filter(
			(secret) => !providers.some((other) => other !== provider && hasSecret(other, secret)),
		),
	);
	return { ofProviders, shared: knownToNone, warnings: [] }; // proven: known-secret-for-all
}

function hasSecret({ clientSecret }: SecretOwner, secret: string): boolean {
	return clientSecret?.trim() === secret.trim();
}

function fromOnlyClient(provider: SecretOwner | undefined, env: Environment): SecretsResult {
	const secret = provider?.clientSecret;
	if (!provider || secret === undefined) {
		const problem = `There is no client secret of ${MIN_CLIENT_SECRET_LENGTH} characters or more to derive cookie keys from`;
		return { problems: [{ problem, remedy: REMEDY }] };
	}
	const weakness = clientSecretWeakness(provider);
	// proven: weak-client-secret
	if (weakness === undefined) return { ofProviders: [[secret]], shared: [secret], warnings: [] };
	const variable = clientSecretVariable(provider, env);
	const problem = `${variable} ${weakness}, and cookie keys would be derived from it: whoever finds it seals sessions of anybody`;
	const remedy = `${REMEDY}. Have the provider make a new client secret, too`;
	return { problems: [{ problem, remedy }] };
}

function forDevelopment(providers: readonly SecretOwner[], env: Environment): Secrets {
	const usable = new Set<string>();
	const warnings: string[] = [];
	const ofProviders = providers.map((provider) => {
		const { name, clientSecret } = provider;
		const flaw = flawInDevelopment(provider, providers);
		if (clientSecret !== undefined && flaw === undefined) {
			usable.add(clientSecret);
			return [clientSecret]; // proven: one-ring
		}
		const why = flaw
			? `${clientSecretVariable(provider, env)} ${flaw}. In production the gate does not start with it unless there is ${SECRET_VARIABLE}: ${COMMAND}`
			: `No client secret and no ${SECRET_VARIABLE}`;
		warnings.push(
			`${why}. Cookies of ${name} are sealed with a key that lasts until this process ends`,
		);
		return [ephemeralSecret()];
	});
	const [only, ...more] = ofProviders;
	if (only && more.length === 0) return { ofProviders, shared: only, warnings };
	// Each provider lacks the secrets of the others, so that none can make it; replicas with the same
	// variables agree.
	const shared = usable.size > 1 ? JSON.stringify(["shared", ...usable]) : ephemeralSecret();
	return { ofProviders, shared: [shared], warnings };
}

function flawInDevelopment(
	provider: SecretOwner,
	providers: readonly SecretOwner[],
): string | undefined {
	const { clientSecret } = provider;
	if (clientSecret === undefined || isDevelopmentSecret(clientSecret)) return undefined;
	if (providers.some((other) => other !== provider && hasSecret(other, clientSecret)))
		return "is the client secret of another provider, too";
	return clientSecretWeakness(provider);
}

function ephemeralSecret(): string {
	return crypto.randomUUID() + crypto.randomUUID();
}
