import { portcullis } from "portcullis";

const auth = portcullis();
