import build from "virtual:react-router/server-build";

export default build;
