import { useSyncExternalStore } from "react";
import type { ShownToast } from "../client/toasts.ts";
import type { SessionAnswer } from "../wire/session-answer.ts";
import { useClient } from "./context.ts";

/** Who is signed in, as the gate says it. */
export type SessionUser = Extract<SessionAnswer, { readonly signedIn: true }>["user"];

/** Who the person is; `undefined` while it is not known. Fetched if no snapshot says it. */
export function useSession(): SessionAnswer | undefined {
	const client = useClient();
	return useSyncExternalStore(client.subscribeSession, client.session, client.first.session);
}

/** The person who is signed in; `undefined` for an anonymous person, and while it is not known. */
export function useUser(): SessionUser | undefined {
	const session = useSession();
	return session?.signedIn ? session.user : undefined;
}

/** The messages on show, oldest first, and how to take one away. */
export function useToasts(): {
	readonly toasts: readonly ShownToast[];
	readonly dismiss: (id: number) => void;
} {
	const { toasts } = useClient();
	return {
		toasts: useSyncExternalStore(toasts.subscribe, toasts.list, noToasts),
		dismiss: toasts.dismiss,
	};
}

const NONE: readonly ShownToast[] = [];

function noToasts(): readonly ShownToast[] {
	return NONE;
}
