export type { PortcullisProviderProps, ToastsProp } from "./react/provider.ts";
export { createReactClient, type ReactClient } from "./react/react-client.ts";
export type { LoginButtonProps, LogoutButtonProps } from "./react/session-parts.ts";
export type { SessionUser } from "./react/use-session.ts";
