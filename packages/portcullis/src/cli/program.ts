import { Command, CommanderError } from "commander";
import { isPortcullisError } from "../base/errors.ts";
import { connectCommand } from "./connect.ts";
import { devIdpCommand } from "./dev-idp.ts";
import { doctorCommand } from "./doctor.ts";
import { Exit } from "./exit.ts";
import { secretCommand } from "./secret.ts";
import { surfacesCommand } from "./surfaces.ts";
import type { Terminal } from "./terminal.ts";
import { packageVersion } from "./version.ts";

/** Bad usage: an unknown command or option, or a wrong value. */
const usageError = 2;

/**
 * Runs the command line.
 *
 * @param args Arguments after the program's name.
 * @returns the exit code: 0, 2 for bad usage or wrong options, 1 for anything else, or what the
 *   command says. Resolves when the command has ended.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
	const program = createProgram(terminal);
	try {
		await program.parseAsync([...args], { from: "user" });
		return 0;
	} catch (error) {
		if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageError;
		if (error instanceof Exit) {
			terminal.err(error.message);
			return error.code;
		}
		if (isPortcullisError(error)) {
			terminal.err(`${error.message}\n`);
			return error.code === "config_invalid" ? usageError : 1;
		}
		throw error;
	}
}

function createProgram(terminal: Terminal): Command {
	const program = new Command("portcullis")
		.description("OpenID Connect single sign-on for TypeScript web apps.")
		.version(packageVersion())
		.showHelpAfterError("(add --help for the options)")
		.exitOverride()
		.configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
	// Settings are copied when a command is added: one that is made elsewhere needs them by hand.
	const commands = [
		connectCommand,
		doctorCommand,
		devIdpCommand,
		surfacesCommand,
		secretCommand,
	].map((create) => create(terminal));
	for (const command of commands) program.addCommand(command.copyInheritedSettings(program));
	return program;
}
