import { Command } from "commander";
import { SECRET_VARIABLE, secretWeakness, splitSecrets } from "../config/secrets.ts";
import { Exit } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

/** What was given cannot be used. */
const UNUSABLE = 2;
const SECRET_BYTES = 32;
/**
 * Old secrets that go on opening after a rotation: those of the last one and of one before it that
 * was not finished.
 */
const MAX_OLD = 2;
/** The longest a session lasts: all that an old secret sealed has expired by then. Seconds. */
const SESSION_LIFETIME = 604_800;

/** A value to roll out to every replica, before the next one is begun. */
interface RotationStep {
	readonly step: "add" | "use" | "drop";
	/** For `PORTCULLIS_SECRET`. */
	readonly value: string;
	/** How long after the step before it has reached every replica. Seconds. */
	readonly waitSeconds: number;
}

/**
 * `portcullis secret`: makes a secret for sealing cookies, or the values that replace one without
 * ending a session.
 */
export function secretCommand(terminal: Terminal): Command {
	return (
		new Command("secret")
			.description("Print a fresh secret for PORTCULLIS_SECRET.")
			.option(
				"--rotate",
				"print the three values that replace the secret in use, one roll-out each; it is read from PORTCULLIS_SECRET, else from the standard input",
			)
			.option("--json", "print JSON")
			// Commander would quote what it does not know, and that may be a secret.
			.allowUnknownOption()
			.argument("[arguments...]")
			.usage("[--rotate] [--json]")
			.action(async (rest: readonly string[], options: { rotate?: true; json?: true }) => {
				if (rest.length > 0) throw unwantedArgument();
				const steps = options.rotate ? rotation(await readCurrent(terminal)) : undefined;
				if (steps) terminal.out(options.json ? toJson({ steps }) : inWords(steps));
				else terminal.out(options.json ? toJson({ value: createSecret() }) : `${createSecret()}\n`);
			})
	);
}

/** 256 random bits, base64url. */
function createSecret(): string {
	for (;;) {
		const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(SECRET_BYTES))).toString(
			"base64url",
		);
		// One in many billions has a word in it that makes a gate refuse it.
		if (secretWeakness(secret) === undefined) return secret;
	}
}

/**
 * A replica that seals with a secret which another one does not know makes sessions that the other
 * takes for none. So the new secret is first known everywhere, then used, and only when nothing can
 * be left of the old one is that forgotten.
 */
function rotation(current: readonly string[]): readonly RotationStep[] {
	const fresh = createSecret();
	const step = (
		name: RotationStep["step"],
		secrets: readonly string[],
		waitSeconds = 0,
	): RotationStep => ({
		step: name,
		value: secrets.join(","),
		waitSeconds,
	});
	return [
		// Takes nothing away: any of these may be the one that replicas seal with now.
		step("add", [...current, fresh]),
		step("use", [fresh, ...current.slice(0, MAX_OLD)]),
		step("drop", [fresh], SESSION_LIFETIME),
	];
}

async function readCurrent(terminal: Terminal): Promise<readonly string[]> {
	const fromVariable = process.env[SECRET_VARIABLE] ?? "";
	const isVariable = fromVariable.trim() !== "";
	const text = (isVariable ? fromVariable : ((await terminal.in?.()) ?? "")).trim();
	const where = isVariable ? SECRET_VARIABLE : "the standard input";
	if (text === "")
		throw problem(
			"secret_missing",
			`There is no current secret to rotate, neither in ${SECRET_VARIABLE} nor on the standard input. For a first one run: portcullis secret`,
		);
	if (/[\r\n]/.test(text) || /^(export\s+)?\w+=/.test(text) || /^(["']).*\1$/.test(text))
		throw problem(
			"secret_malformed",
			`What stands in ${where} is more than the value: give the text after ${SECRET_VARIABLE}= alone, in one line and without quotes`,
		);
	const secrets = [...new Set(splitSecrets(text))];
	if (secrets.length === 0) throw problem("secret_malformed", `There are only commas in ${where}`);
	for (const [i, secret] of secrets.entries()) {
		const weakness = secretWeakness(secret);
		if (weakness !== undefined)
			throw problem(
				"secret_weak",
				`Secret ${i + 1} of ${secrets.length} in ${where} ${weakness}. A gate refuses it, so that no session rests on it: replace it by what portcullis secret prints`,
			);
	}
	terminal.err(`The current value was read from ${where}.\n`);
	if (secrets.length > MAX_OLD)
		terminal.err(
			`Warning: it has ${secrets.length} secrets; from the second step on only the first ${MAX_OLD} are kept beside the new one. Sessions that others have sealed end then.\n`,
		);
	return secrets;
}

function inWords([add, use, drop]: readonly RotationStep[]): string {
	const part = (heading: string, step: RotationStep | undefined) =>
		`${heading}\n\n  ${step?.value}\n`;
	return [
		`Three values of ${SECRET_VARIABLE}. Roll out each to every replica before you begin with the next: then nobody is logged out.\n`,
		part("1. Now. Every replica learns the new secret:", add),
		part("2. When no replica is left without the value of step 1. The new secret seals:", use),
		part(
			"3. Seven days after step 2 has reached every replica. The old secret is forgotten:",
			drop,
		),
	].join("\n");
}

function unwantedArgument(): Exit {
	return problem(
		"secret_argument",
		`portcullis secret takes --rotate and --json, and no value: arguments can be seen by other users of this machine and stay in the history of the shell. If that was a secret in use, replace it. The current value is read from ${SECRET_VARIABLE} or from the standard input`,
	);
}

function problem(code: string, message: string): Exit {
	return new Exit(UNUSABLE, `portcullis secret: ${code}: ${message}.\n`);
}

function toJson(value: unknown): string {
	return `${JSON.stringify(value)}\n`;
}
