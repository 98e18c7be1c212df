export { page, protect, type UserVariables } from "./hosts/hono.ts";
