import { portcullis } from "portcullis";

const kit = portcullis();
