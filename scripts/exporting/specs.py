def validate(options: object) -> list[list[object]]:
    return []
