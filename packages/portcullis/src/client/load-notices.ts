import type { Toast } from "../wire/state.ts";
import type { Connection } from "./connection.ts";
import type { AnyResult, SendEvent } from "./events.ts";
import type { ClientTexts, NoticeContext, NoticeOptions } from "./notices.ts";

/** How long a result waits for the code that tells the person of it. Milliseconds. */
const NOTICES_WAIT = 1000;

/** Where the person is told. */
interface Notices extends Omit<NoticeContext, "state" | "event"> {
	readonly connection: Connection;
	readonly showToast: (toast: Toast) => void;
}

/**
 * Begins to load what tells the person of events that did not go well.
 *
 * @returns what is to be called with such an event and its result, and gives the result for the
 *   app.
 */
export function notices({ connection, showToast, ...context }: Notices) {
	const loading = import("./notices.ts").catch(() => undefined);
	return async ([state, event]: Parameters<SendEvent>, result: AnyResult): Promise<AnyResult> => {
		const loaded = await Promise.race([loading, connection.pause(NOTICES_WAIT)]);
		if (loaded) return loaded.tell({ ...context, state, event }, result);
		if (/failed|unknown/.test(result.status)) showToast({ message: "Error", kind: "error" });
		return Object.assign({ handled() {} }, result);
	};
}

/** The client's texts in the language of the options or the page. */
export async function texts(options: NoticeOptions): Promise<ClientTexts> {
	return (await import("./notices.ts")).textsFor(options);
}
