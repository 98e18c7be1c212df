import { Exit } from "../exit.ts";

/** Questions to a person at a terminal. A test stands in for it. */
export interface Prompts {
	/** @param validate The complaint about an answer; `undefined` for a good one. */
	text(
		message: string,
		initial: string,
		validate: (answer: string) => string | undefined,
	): Promise<string>;
	/** What is typed is not shown. */
	secret(message: string): Promise<string>;
	select(message: string, choices: readonly string[]): Promise<string>;
	confirm(message: string): Promise<boolean>;
}

/** Exit code after Ctrl-C or Escape: the one that a shell reports for SIGINT. */
const CANCELLED = 130;

/**
 * Questions as they look in a terminal. The module is loaded only when a question is asked: other
 * commands do not wait for it.
 */
export async function terminalPrompts(): Promise<Prompts> {
	const { confirm, isCancel, password, select, text } = await import("@clack/prompts");
	const answered = <T>(answer: T): Exclude<T, symbol> => {
		if (isCancel(answer)) throw new Exit(CANCELLED, "Nothing was changed.\n");
		return answer as Exclude<T, symbol>;
	};
	return {
		text: async (message, initialValue, validate) =>
			answered(
				await text({ message, initialValue, validate: (answer) => validate(answer ?? "") }),
			).trim(),
		secret: async (message) => answered(await password({ message })) ?? "",
		select: async (message, choices) =>
			answered(
				await select({ message, options: choices.map((value) => ({ value, label: value })) }),
			),
		confirm: async (message) => answered(await confirm({ message })),
	};
}
