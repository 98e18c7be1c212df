import { ERRORS, type MessageCode, type PageErrorRow } from "../base/error-table.ts";

/** What a person reads about an error. */
export type Message = Pick<PageErrorRow, "title" | "message" | "retry">;

/** The English message of an error code; of `internal_error` for a code that is unknown here. */
export function messageFor(code: string): Message {
	return Object.hasOwn(messages, code)
		? messages[code as keyof typeof messages]
		: messages.internal_error;
}

/** A message for each code that a page can show. */
export const messages: Readonly<Record<MessageCode, Message>> = Object.fromEntries(
	Object.entries(ERRORS).flatMap(([code, row]) => {
		if (!("message" in row)) return [];
		const { title, message, retry } = row;
		return [[code, { title, message, retry }]];
	}),
) as Readonly<Record<MessageCode, Message>>;
