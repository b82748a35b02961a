"""The service in its surroundings: processes, replicas, proxies, failures."""
