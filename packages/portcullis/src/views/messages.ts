import { ERRORS, type MessageCode, type PageErrorRow } from "../base/error-table.ts";
import { providerOfCode } from "../base/errors.ts";

/** What a person reads about an error. */
export type Message = Pick<PageErrorRow, "title" | "message" | "retry">;

/**
 * The code whose texts a person reads: the same, `access_denied` for one of a provider's class, and
 * `internal_error` for one that no page can show.
 */
export function shownCode(code: string): MessageCode {
	if (Object.hasOwn(messages, code)) return code as MessageCode;
	return providerOfCode(code) === undefined ? "internal_error" : "access_denied";
}

/** The English message of an error code. */
export function messageFor(code: string): Message {
	return messages[shownCode(code)];
}

/** A message for each code that a page can show. */
export const messages: Readonly<Record<MessageCode, Message>> = Object.fromEntries(
	Object.entries(ERRORS).flatMap(([code, row]) => {
		if (!("message" in row)) return [];
		const { title, message, retry } = row;
		return [[code, { title, message, retry }]];
	}),
) as Readonly<Record<MessageCode, Message>>;
