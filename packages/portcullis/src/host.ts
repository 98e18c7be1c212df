export { finishResponse, writeAdmittedHeaders } from "./app/admitted-headers.ts";
export type {
	AccessResult,
	AllowResult,
	GateRequest,
	HandleOptions,
	RespondResult,
} from "./guard/gate-request.ts";
export type { SetCookie } from "./session/cookies.ts";
