import { useCallback, useSyncExternalStore } from "react";
import type { Client } from "../client/client-types.ts";
import type { ClientTexts } from "../client/notices.ts";
import { useClient } from "./context.ts";

const loaded = new WeakMap<Client, ClientTexts>();

/**
 * A text in the language of the page, or the app's own.
 *
 * @param english Shown until the texts of another language are loaded, and on a server.
 */
export function useText(name: keyof ClientTexts, english: string): string {
	const client = useClient();
	const atOnce = () => client.ownTexts?.[name] ?? english;
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
