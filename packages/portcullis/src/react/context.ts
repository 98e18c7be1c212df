import { type Context, createContext, useContext } from "react";
import type { Client } from "../client/client-types.ts";

/** The client of the nearest provider, for any gate. */
export const ClientContext: Context<Client | undefined> = createContext<Client | undefined>(
	undefined,
);

/** @throws {Error} outside of a `PortcullisProvider`. */
export function useClient(): Client {
	const client = useContext(ClientContext);
	if (!client)
		throw new Error(
			"There is no PortcullisProvider around this component, or it is of another copy of portcullis: is the package installed twice?",
		);
	return client;
}
