export { page, protect, type UserVariables } from "./hosts/hono.ts";
export { registerAuthEndpoints } from "./hosts/hono-auth-endpoints.ts";
