import fc from "fast-check";
import { expect, it } from "vitest";
import { createLog, formatLogEntry, type LogEntry } from "../../src/audit/log.ts";
import { oneLine } from "../../src/base/one-line.ts";
import { toProviderText } from "../../src/protocol/provider-text.ts";
import { FUZZ_TIMEOUT, fuzz, Meter } from "./fuzz.ts";
import { HOSTILE_TEXTS } from "./mutations.ts";

const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const WORD = String.raw`(?:[\w.:/@+-]+|"(?:[^"\\]|\\["\\])*")`;
const LINE = new RegExp(
	`^portcullis (error|warning)(?: \\[txid=(${WORD})\\])? (${WORD})(?: provider=(${WORD}))?(?: reason=(${WORD}))?: `,
);

const pieces = [
	...HOSTILE_TEXTS,
	...[
		"\n",
		"\u001b[2J",
		"\u009b31m",
		"\u202e",
		"\u200b",
		"\u2066",
		"\ufeff",
		"\u{e0041}",
		"\u0085",
	],
	...[
		' provider=evil reason="x',
		"]",
		'"',
		"\\",
		"\\u{a}",
		": ",
		" <- Error: ",
		"portcullis error [txid=a] forbidden: b",
	],
];
const text = fc
	.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "binary", maxLength: 20 })), {
		maxLength: 12,
	})
	.map((all) => all.join(""));

function unquoted(word: string | undefined): string | undefined {
	return word?.startsWith('"') ? word.slice(1, -1).replace(/\\(["\\])/g, "$1") : word;
}

it(
	"no text makes up a line or a field of the log, or hides in one",
	async () => {
		const inputs = fc.record({
			code: text,
			message: text,
			id: text,
			provider: text,
			reason: text,
			name: text,
			cause: text,
		});
		await fuzz(
			"log lines",
			new Meter(),
			inputs,
			({ code, message, id, provider, reason, name, cause }) => {
				const given: LogEntry[] = [];
				const error = Object.assign(new Error(cause, { cause: new Error(message) }), { name });
				const entry = {
					level: "error",
					code: code as never,
					message,
					id,
					provider,
					reason,
					cause: error,
				} as const;
				createLog(
					(one) => given.push(one),
					() => 0,
				)(entry);
				expect(given).toHaveLength(1);
				for (const one of [entry, ...given]) {
					const line = formatLogEntry(one);
					expect(line).not.toMatch(UNSEEN);
					expect(line.length).toBeLessThan(8000);
					// What a reader takes for the fields are the fields.
					const [, level, ...words] = LINE.exec(line) ?? [];
					expect(level).toBe("error");
					const meant = [id, code, provider, reason].map((value, i) =>
						value === "" && i !== 1 ? undefined : oneLine(value, 200),
					);
					expect(words.map(unquoted)).toEqual(meant);
				}
				for (const value of [
					given[0]?.message,
					given[0]?.id,
					given[0]?.provider,
					given[0]?.reason,
					(given[0]?.cause as Error | undefined)?.message,
				])
					expect(value).not.toMatch(UNSEEN);
				expect(toProviderText(message)).not.toMatch(UNSEEN);
			},
		);
	},
	FUZZ_TIMEOUT,
);
