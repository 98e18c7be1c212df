import { useCallback, useSyncExternalStore } from "react";
import type { Client } from "../client/client.ts";
import type { ClientTexts } from "../client/notices.ts";
import { useClient } from "./context.ts";

/** What is shown until the texts of another language are loaded, and on a server. */
const ENGLISH = { signIn: "Sign in", signOut: "Sign out", dismiss: "Dismiss" };

const loaded = new WeakMap<Client, ClientTexts>();

/** A text in the language of the page, or the app's own. */
export function useText(name: keyof typeof ENGLISH): string {
	const client = useClient();
	const atOnce = () => client.ownTexts?.[name] ?? ENGLISH[name];
	return useSyncExternalStore(
		useCallback(
			(tell) => {
				const take = (texts: ClientTexts) => {
					loaded.set(client, texts);
					tell();
				};
				client.texts().then(take, ignore);
				return ignore;
			},
			[client],
		),
		() => loaded.get(client)?.[name] ?? atOnce(),
		atOnce,
	);
}

export function ignore(): void {}
