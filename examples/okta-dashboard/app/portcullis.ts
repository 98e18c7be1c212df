import { createReactClient } from "portcullis/react";
import type { gate } from "../server/gate.ts";

/**
 * Hooks and components, typed by the states of the gate. Of the server the browser has this type
 * and no code.
 */
export const { PortcullisProvider, useServerState, useUser, client } =
	createReactClient<typeof gate>();
