import { createReactClient } from "portcullis/react";

const portcullisClient = createReactClient<typeof gate>();
const {
	PortcullisProvider,
	useServerState,
	useUser,
	useToasts,
	usePortcullis,
	useNavigationGuard,
} = portcullisClient;
const { SignedIn, SignedOut, LoginButton, LogoutButton } = portcullisClient;
