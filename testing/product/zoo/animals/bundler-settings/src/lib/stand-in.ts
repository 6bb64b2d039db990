export default (): string => "stand-in";
