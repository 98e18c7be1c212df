import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { ConfigError } from "../base/errors.ts";
import { type DevIdp, startDevIdp } from "../testing/dev-idp.ts";
import { peopleProblems } from "../testing/dev-idp-options.ts";
import type { DevPerson } from "../testing/dev-idp-people.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Port of `portcullis dev-idp`: fixed, so that the variables of a project stay the same from day to
 * day.
 */
const defaultPort = 9000;

/** `portcullis dev-idp`: runs the development identity provider until it is interrupted. */
export function devIdpCommand(terminal: Terminal): Command {
	return new Command("dev-idp")
		.description(
			"Run an identity provider for development: a page of people, a click signs in. Keeps nothing, listens on this machine only.",
		)
		.option("-p, --port <port>", "port on localhost, 0 for any free one", parsePort, defaultPort)
		.option(
			"--people <file>",
			"JSON file with a list of { sub, name, email, picture?, groups?, claims? }",
			readPeople,
		)
		.action(async ({ port, people }: { port: number; people?: readonly DevPerson[] }) => {
			const idp = await startDevIdp({ port, ...(people !== undefined && { people }) });
			terminal.out(describe(idp));
			await aborted(terminal.signal);
			await idp.close();
		});
}

function parsePort(text: string): number {
	const port = Number(text);
	if (!/^\d{1,5}$/.test(text) || port > 65_535)
		throw new InvalidArgumentError("Give a number from 0 to 65535.");
	return port;
}

function readPeople(file: string): readonly DevPerson[] {
	const people = parseFile(file);
	const problems = peopleProblems(people);
	if (problems.length > 0)
		throw new ConfigError(
			problems.map(({ problem, remedy }) => ({ problem: `${file}: ${problem}`, remedy })),
		);
	return people as DevPerson[];
}

function parseFile(file: string): unknown {
	try {
		return JSON.parse(readFileSync(file, "utf8"));
	} catch (error) {
		throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
	}
}

function describe({ issuer, env, people }: DevIdp): string {
	const variables = Object.entries(env).map(([name, value]) => `  ${name}=${value}`);
	const width = Math.max(...people.map(({ name }) => name.length));
	const list = people.map(
		({ name, email, groups }) =>
			`  ${name.padEnd(width)}  ${email}${groups?.length ? `  (${groups.join(", ")})` : ""}`,
	);
	return [
		"",
		`Development identity provider at ${issuer}`,
		"Signs in anybody as anybody. Never expose it.",
		"",
		"Put these into your app's environment (.env):",
		"",
		...variables,
		"",
		"People to sign in as:",
		"",
		...list,
		"",
		"Press Ctrl-C to stop.",
		"",
		"",
	].join("\n");
}

function aborted(signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) resolve();
		signal.addEventListener("abort", () => resolve(), { once: true });
	});
}
