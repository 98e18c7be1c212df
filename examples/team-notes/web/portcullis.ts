import { createReactClient } from "portcullis/react";
// The type alone: nothing of the server is in the browser's files.
import type { gate } from "../server/app.ts";

/** The gate as the browser uses it, with the types of its states. */
export const {
	PortcullisProvider,
	useServerState,
	useToasts,
	SignedIn,
	SignedOut,
	LoginButton,
	LogoutButton,
} = createReactClient<typeof gate>();
